// In every page that is measured: when it was pressed, when it answered, when it was done. What a press began outlives
// its page, in the session's storage. Moments are milliseconds of the machine's clock.
(function () {
  "use strict";
  var KEY = "quickness", SHOWS = ["aria-busy", "open", "hidden", "disabled"];
  if (window.top !== window) return;

  function read() { return JSON.parse(sessionStorage.getItem(KEY) || "null"); }
  function write(facts) { sessionStorage.setItem(KEY, JSON.stringify(Object.assign(read() || {}, facts))); }
  function moment(at) { return performance.timeOrigin + (at === undefined ? performance.now() : at); }
  function shown(then) { // after the frame that shows what was changed until now
    requestAnimationFrame(function () { setTimeout(function () { then(moment()); }); });
  }

  document.addEventListener("click", function (event) {
    var press = read();
    if (!press || !press.armed || press.pressed) return;
    write({ pressed: moment(event.timeStamp) });
    var watcher = new MutationObserver(function (changes) {
      if (!changes.some(function (one) { return one.type === "childList" || SHOWS.includes(one.attributeName); })) return;
      watcher.disconnect();
      shown(function (at) { write({ answered: at }); });
    });
    watcher.observe(document, { subtree: true, childList: true, attributes: true });
  }, true);

  // What htmx sent is done once its answer is drawn; one that leads to another page, once that is there.
  ["htmx:afterRequest", "htmx:afterSettle"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      var press = read(), request = event.detail.requestConfig, answer = event.detail.xhr;
      if (!press || !press.pressed || !request || request.verb !== "post") return;
      if (["HX-Redirect", "HX-Refresh", "HX-Location"].some(function (one) { return answer.getResponseHeader(one); })) return;
      shown(function (at) { write({ finished: at }); });
    });
  });

  function arrived() {
    var press = read(), visit = performance.getEntriesByType("navigation")[0];
    if (!press || !press.pressed || press.finished || performance.timeOrigin < press.pressed) return;
    var paint = performance.getEntriesByName("first-contentful-paint")[0];
    if (!paint || !visit.loadEventEnd) return setTimeout(arrived, 10);
    write({
      answered: Math.min(press.answered || Infinity, moment(paint.startTime)),
      finished: moment(Math.max(visit.loadEventEnd, paint.startTime)),
    });
  }
  addEventListener("load", function () { setTimeout(arrived); });

  // --- What a page offers -----------------------------------------------------------------------------------------------

  function buttons() {
    return Array.from(document.querySelectorAll("button, input[type=submit]")).filter(function (button) {
      return button.form && button.type === "submit" && !button.hasAttribute("hx-get") && (button.getAttribute("formmethod") || button.form.method) === "post";
    });
  }
  function offers() {
    return buttons().map(function (button, index) {
      return {
        index: index,
        address: button.hasAttribute("formaction") ? button.formAction : button.form.getAttribute("action") || location.href,
        name: button.name || "",
        disabled: button.disabled,
      };
    });
  }

  function change(field, value) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = true;
    else field.value = value;
    ["input", "change"].forEach(function (name) { field.dispatchEvent(new Event(name, { bubbles: true })); });
  }
  function likely(field, typed) {
    var name = Object.keys(typed).find(function (one) { return field.name === one || field.name.endsWith("-" + one); });
    if (name) return typed[name];
    if (field.tagName === "SELECT") {
      var choice = Array.from(field.options).find(function (one) { return one.value && !one.disabled; });
      return choice ? choice.value : "";
    }
    var day = new Date(Date.now() + 40 * 86400e3).toISOString();
    return { number: field.min > 0 ? field.min : "1", date: day.slice(0, 10), "datetime-local": day.slice(0, 16), time: "09:00",
      email: "somebody@example.org", url: "https://example.org/", password: "" }[field.type] || (field.inputMode === "numeric" ? "1" : "Tried out");
  }
  function isEmpty(field) {
    if (field.type === "radio") return !Array.from(field.form.elements).some(function (one) { return one.name === field.name && one.checked; });
    if (field.type === "checkbox") return !Array.from(field.form.elements).some(function (one) { return one.type === "checkbox" && one.checked; });
    return !field.value || (field.type === "number" && field.value === "0");
  }
  // Fill what must be filled (or all that is empty), open what hides the button, and mark it.
  function prepare(index, typed, all) {
    var button = buttons()[index];
    Array.from(button.form.elements).forEach(function (field) {
      if (field.disabled || field.readOnly || !field.name || ["hidden", "submit", "button", "file"].includes(field.type)) return;
      var isTyped = Object.keys(typed).some(function (one) { return field.name === one || field.name.endsWith("-" + one); });
      if (isTyped || ((field.required || all) && isEmpty(field))) change(field, likely(field, typed));
    });
    for (var around = button; around; around = around.parentElement) {
      if (around.tagName === "DETAILS") around.open = true;
      if (around.tagName === "DIALOG" && !around.open) around.showModal();
    }
    document.querySelectorAll("[data-pressed-next]").forEach(function (one) { one.removeAttribute("data-pressed-next"); });
    button.setAttribute("data-pressed-next", "");
    return !button.disabled;
  }

  window.quickness = { offers: offers, prepare: prepare };
})();
