// Stock pages on a phone: find a row as you type, and a button that says how much was chosen.
(function () {
  "use strict";

  // <input data-finds="rows">: hides the children of #rows whose data-words lack what was typed.
  function find(input) {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    var shown = 0;
    document.querySelectorAll("#" + input.dataset.finds + " > [data-words]").forEach(function (row) {
      var text = row.dataset.words.toLowerCase();
      row.hidden = !words.every(function (word) { return text.includes(word); });
      if (!row.hidden) shown += 1;
    });
    var none = document.querySelector("[data-finds-none]");
    if (none) none.hidden = shown > 0;
  }
  document.addEventListener("input", function (event) {
    if (event.target.matches && event.target.matches("[data-finds]")) find(event.target);
  });
  document.querySelectorAll("[data-finds]").forEach(function (input) {
    if (input.value) find(input);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "Enter" && event.target.matches("[data-finds]")) event.preventDefault();
  });

  // <button data-tally="Take #|Take nothing yet">: # becomes "3 items", in the page's words.
  function tally() {
    document.querySelectorAll("[data-tally]").forEach(function (button) {
      var chosen = Array.from(button.form.querySelectorAll('input[name^="q-"]')).filter(function (input) {
        return Number(input.value) > 0;
      }).length;
      var words = button.dataset.tally.split("|"), items = document.getElementById("words").dataset;
      var count = (chosen === 1 ? items.item : items.items).replace("#", chosen);
      button.querySelector("span").textContent = chosen ? words[0].replace("#", count) : words[1];
    });
  }
  document.addEventListener("input", tally);
  document.addEventListener("DOMContentLoaded", tally);

  // After a line of a count is kept, or all of a bin, what is left next is ready for the thumb.
  document.addEventListener("htmx:afterSettle", function (event) {
    var done = event.target.closest ? event.target.closest("[data-count-line], .count-bin") : null;
    if (!done || !done.matches("[data-is-counted], .count-bin")) return;
    var left = Array.from(document.querySelectorAll("[data-count-line]:not([data-is-counted])"));
    var next = left.find(function (one) { return done.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING; });
    if (next) next.querySelector("button[type=submit]").focus({ preventScroll: true });
  });
})();
