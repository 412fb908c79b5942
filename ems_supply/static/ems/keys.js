// The keyboard: / searches, j and k go from row to row, x chooses a row, a does what the page is for, z undoes what a toast
// offers to undo, ? lists all this.
(function () {
  "use strict";
  var OFF = "keys-off";
  var ROWS = "[data-row], article.work, .table tbody tr, .ask-line";
  var dialog = document.getElementById("keys");

  function isTyping(target) {
    return target.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
  }

  function isOff() { return localStorage.getItem(OFF) !== null; }

  function rows() {
    return Array.from(document.querySelectorAll(ROWS)).filter(function (row) {
      return row.offsetParent !== null && target(row) !== null;
    });
  }

  // What a row is entered by: its link, else its first field or button.
  function target(row) {
    return row.querySelector("a[href]") || row.querySelector("input:not([type=hidden]), button");
  }

  function here() { return document.activeElement.closest(ROWS); }

  function go(step) {
    var all = rows();
    if (!all.length) return;
    var at = all.indexOf(here());
    var next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1);
    target(all[next]).focus({ focusVisible: true });
    all[next].scrollIntoView({ block: "nearest" });
  }

  function choose() {
    var row = here();
    var box = row && row.querySelector("input[type=checkbox]");
    if (box) box.click();
  }

  function search() {
    var field = Array.from(document.querySelectorAll("main input[type=search], .top-search input")).find(function (one) {
      return one.offsetParent !== null;
    });
    if (field) {
      field.focus();
      field.select();
    } else {
      location.assign(document.getElementById("search-link").href);
    }
  }

  function act() {
    var button = Array.from(document.querySelectorAll("[data-key=a]")).find(function (one) {
      return one.offsetParent !== null && !one.disabled;
    });
    var row = here();
    var own = row && row.querySelector("[data-row-key=a]");
    if (button || own) (button || own).click();
  }

  // What the newest toast offers to undo.
  function undo() {
    var button = Array.from(document.querySelectorAll("#toasts form button")).pop();
    if (button) button.click();
  }

  var does = {
    "/": search,
    "?": function () { dialog.showModal(); },
    j: function () { go(1); },
    k: function () { go(-1); },
    x: choose,
    a: act,
    z: undo,
  };

  // A scanner types many letters at once: a key is meant when no other comes with it.
  var ALONE = 90, pending = null;
  document.addEventListener("keydown", function (event) {
    clearTimeout(pending);
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isOff()) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    var todo = does[event.key];
    if (!todo) return;
    event.preventDefault();
    if (event.repeat || event.key === "/") todo();
    else pending = setTimeout(todo, ALONE);
  });

  var mute = document.getElementById("keys-off");
  if (mute) {
    mute.checked = isOff();
    mute.addEventListener("change", function () {
      if (mute.checked) localStorage.setItem(OFF, "yes");
      else localStorage.removeItem(OFF);
    });
  }
})();
