// Approval rows that say what is left and ask why only when it is less; a dialog whose form was refused.
(function () {
  "use strict";

  function tell(row) {
    var input = row.querySelector("input[type=number]");
    var granted = Number(input.value) || 0;
    var left = Number(row.dataset.free) - granted;
    var words = left < 0 ? row.dataset.owed : row.dataset.left;
    row.querySelector("[data-leaves]").textContent =
      words.replace("#", Math.abs(left).toLocaleString(document.documentElement.lang));
    var isLess = granted < Number(row.dataset.asked);
    var why = row.querySelector("[data-why]");
    why.classList.toggle("is-needless", !isLess);
    why.querySelector("input").required = isLess;
  }

  document.querySelectorAll("[data-approves]").forEach(tell);
  document.addEventListener("input", function (event) {
    var row = event.target.closest("[data-approves]");
    if (row) tell(row);
  });
  document.querySelectorAll("[data-opens-at-once]").forEach(function (mark) {
    document.getElementById(mark.dataset.opensAtOnce).showModal();
  });
})();
