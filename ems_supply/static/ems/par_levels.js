// The grid of par levels: arrows and Enter go from row to row, the button counts what changed, and leaving asks first.
(function () {
  "use strict";
  var form = document.querySelector("[data-par-grid]");
  if (!form) return;
  var label = form.querySelector("[data-saves]");
  var isSent = false;

  function fields() {
    return Array.from(form.querySelectorAll("[data-column]"));
  }

  // A line remembers what the page first showed of it, as version:par:minimum:short:mandated:bin; one that is being added, nothing.
  function changed() {
    return Array.from(form.querySelectorAll("[data-par-row]")).filter(function (row) {
      var was = row.querySelector("[name^=was-]");
      var now = Array.from(row.querySelectorAll("[data-column]")).map(function (input) { return input.value.trim(); });
      return was ? now.join(":") !== was.value.slice(was.value.indexOf(":") + 1) : now.some(Boolean);
    }).length;
  }

  function tally() {
    var words = label.dataset.saves.split("|");
    var count = changed();
    label.textContent = count ? words[count === 1 ? 0 : 1].replace("#", count) : words[2];
  }

  form.addEventListener("input", tally);
  form.addEventListener("keydown", function (event) {
    var column = event.target.dataset.column;
    var step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
    if (!column || !step) return;
    event.preventDefault();
    var same = fields().filter(function (input) { return input.dataset.column === column; });
    var next = same[same.indexOf(event.target) + step];
    if (next) {
      next.focus();
      next.select();
    }
  });
  tally();
  var wrong = form.querySelector("[aria-invalid]");
  if (wrong) wrong.focus();
  form.addEventListener("submit", function () { isSent = true; });
  window.addEventListener("pageshow", function () { isSent = false; });
  window.addEventListener("beforeunload", function (event) {
    if (!isSent && changed()) event.preventDefault();
  });
})();
