// Choosing proposals: one box for all of the page, and a button that says how many.
(function () {
  "use strict";
  var form = document.querySelector("[data-chooses]");
  if (!form) return;
  var all = form.querySelector("[data-choose-all]");
  var everything = form.querySelector("[name=everything]");
  var label = form.querySelector("[data-counts]");
  var buttons = form.querySelectorAll("[value=accept], [data-opens]");
  var plain = label.textContent;

  function boxes() {
    return Array.from(form.querySelectorAll("[name=proposal]"));
  }

  function tally() {
    var chosen = boxes().filter(function (box) { return box.checked; }).length;
    var isAll = everything && everything.checked;
    all.querySelector("input").checked = chosen > 0 && chosen === boxes().length;
    all.querySelector("input").indeterminate = chosen > 0 && chosen < boxes().length;
    label.textContent = isAll ? label.dataset.all : chosen ? label.dataset.counts.replace("#", chosen) : plain;
    buttons.forEach(function (button) { button.disabled = !chosen && !isAll; });
  }

  all.hidden = false;
  all.addEventListener("change", function (event) {
    boxes().forEach(function (box) { box.checked = event.target.checked; });
    tally();
  });
  if (everything) {
    everything.addEventListener("change", function () {
      boxes().forEach(function (box) { box.checked = everything.checked; });
    });
  }
  form.addEventListener("change", function (event) {
    if (everything && event.target.name === "proposal" && !event.target.checked) everything.checked = false;
    tally();
  });
  // Enter in the reason declines; it must never press the first button of the form.
  form.addEventListener("keydown", function (event) {
    if (event.key !== "Enter" || event.target.name !== "reason") return;
    event.preventDefault();
    form.querySelector("[value=decline]").click();
  });
  window.addEventListener("pageshow", tally);
  tally();
})();
