// Number steppers: tap or hold − and +; and quantities shown both ways while they change.
(function () {
  "use strict";
  var HOLD_MS = 400, FASTEST_MS = 60;
  var timer = null;

  function change(button) {
    var stepper = button.closest("[data-stepper]");
    var input = stepper.querySelector("input");
    var step = Number(stepper.dataset.step) || 1;
    var least = Number(input.min) || 0;
    var most = input.max === "" ? Infinity : Number(input.max);
    var now = Number(input.value) || 0;
    var next = button.hasAttribute("data-more") ? now + step : now - step;
    next = Math.min(Math.max(next, least), most);
    if (next === now && input.value !== "") return;
    input.value = String(next);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  function stop() {
    clearTimeout(timer);
    timer = null;
  }

  function hold(button, wait) {
    timer = setTimeout(function () {
      change(button);
      hold(button, Math.max(wait * 0.8, FASTEST_MS));
    }, wait);
  }

  function stepButton(event) {
    var target = event.target.closest ? event.target.closest("[data-less], [data-more]") : null;
    return target && target.closest("[data-stepper]") ? target : null;
  }

  document.addEventListener("pointerdown", function (event) {
    var button = stepButton(event);
    if (!button || button.disabled || event.button !== 0) return;
    stop();
    hold(button, HOLD_MS);
  });
  ["pointerup", "pointercancel", "blur"].forEach(function (name) {
    window.addEventListener(name, stop);
  });
  document.addEventListener("pointerout", function (event) {
    if (stepButton(event)) stop();
  });
  document.addEventListener("contextmenu", function (event) {
    if (stepButton(event)) event.preventDefault(); // a long press is a hold here
  });
  document.addEventListener("click", function (event) {
    var button = stepButton(event);
    if (button && !button.disabled) change(button);
  });

  // "2 boxes · 100" beside the stepper: <output for="the input's id">.
  document.addEventListener("input", function (event) {
    var input = event.target;
    if (!input.matches || !input.matches("[data-per]")) return;
    var output = document.querySelector('output[for="' + CSS.escape(input.id) + '"]');
    if (!output) return;
    var packs = Number(input.value) || 0;
    var word = packs === 1 ? input.dataset.one : input.dataset.many;
    var total = (packs * Number(input.dataset.per)).toLocaleString(document.documentElement.lang);
    output.textContent = input.dataset.per === "1" ? total + " " + input.dataset.base : word + " · " + total;
    input.closest("[data-line]")?.classList.toggle("is-none", packs === 0);
  });
})();
