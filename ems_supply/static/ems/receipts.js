// What is accepted follows from what is damaged or missing; the button says what it will do.
(function () {
  "use strict";
  var form = document.querySelector("form[data-receipt]");
  var button = form && form.querySelector("[data-all-right]");
  if (!button) return; // it can no longer be received: what was typed is only shown

  function number(input) {
    return Math.max(Number(input.value) || 0, 0);
  }

  function say() {
    var differing = 0;
    form.querySelectorAll("[data-sent]").forEach(function (line) {
      var wrong = 0;
      line.querySelectorAll("input[type=number]").forEach(function (input) { wrong += number(input); });
      var accepted = Math.max(Number(line.dataset.sent) - wrong, 0);
      line.querySelector("[data-accepted]").textContent = accepted.toLocaleString("en-US");
      line.classList.toggle("is-differing", wrong > 0);
      if (wrong > 0) differing += 1;
    });
    button.querySelector("span").textContent = differing
      ? button.dataset.differs.replace("#", String(differing))
      : button.dataset.allRight;
  }

  form.addEventListener("input", say);
  say();
})();
