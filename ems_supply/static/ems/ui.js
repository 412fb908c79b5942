// What every page shares: dialogs, toasts, buttons that say they are busy, and htmx's failures in words.
(function () {
  "use strict";
  var TOAST_MS = { "": 6000, later: 20000 }; // longer with something to press
  var words = document.getElementById("words").dataset; // in the reader's language

  function toast(text) {
    var notice = document.getElementById("toast").content.firstElementChild.cloneNode(true);
    notice.querySelector("span").textContent = text;
    document.getElementById("toasts").append(notice);
  }

  document.addEventListener("click", function (event) {
    var opener = event.target.closest("[data-opens]");
    if (opener) {
      var dialog = document.getElementById(opener.dataset.opens);
      dialog.showModal();
      var first = dialog.querySelector("[autofocus], input:not([type=hidden]), textarea, select");
      if (first) first.focus();
    }
    var closer = event.target.closest("[data-closes]");
    if (closer) closer.closest("dialog").close();
    if (event.target.matches("dialog.ask")) event.target.close(); // a click beside it
    var dismissed = event.target.closest("[data-dismisses]");
    if (dismissed) dismissed.closest(".notice").remove();
    var forgone = event.target.closest("[data-forgoes]");
    if (forgone) {
      document.cookie = forgone.dataset.forgoes + "=off; path=/; max-age=2592000; samesite=lax";
      forgone.closest(".note").remove();
    }
  });

  // Menus: a button opens the list beside it; a press elsewhere or Escape closes it, arrows go through it.
  function show(button, isOpen) {
    var menu = button.parentElement.querySelector(".dropdown-menu");
    var width = document.documentElement.clientWidth; // before a menu that is too wide stretches it on a phone
    button.setAttribute("aria-expanded", isOpen);
    menu.classList.toggle("show", isOpen);
    menu.dataset.bsPopper = "static";
    menu.classList.remove("from-start", "from-end");
    var box = menu.getBoundingClientRect();
    if (isOpen && box.left < 0) menu.classList.add("from-start");
    else if (isOpen && box.right > width) menu.classList.add("from-end");
  }
  function opened() { return document.querySelector("[data-menu][aria-expanded=true]"); }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-menu]"), before = opened();
    if (before && before !== button && !event.target.closest(".dropdown-menu form, .dropdown-menu input")) show(before, false);
    if (button) show(button, button !== before);
  });
  document.addEventListener("keydown", function (event) {
    var button = opened(), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!button) return;
    if (event.key === "Escape") {
      show(button, false);
      button.focus();
    }
    if (!step || event.target.matches("input, select, textarea")) return;
    event.preventDefault();
    var items = Array.from(button.parentElement.querySelectorAll(".dropdown-item")).filter(function (item) { return item.offsetParent !== null; });
    var next = items[(items.indexOf(document.activeElement) + step + items.length) % items.length];
    if (next) next.focus();
  });

  // What is chosen in a row that is wider than the screen stands in view.
  document.querySelectorAll(".filters > [aria-current], .tabs > [aria-current]").forEach(function (one) {
    one.parentElement.scrollLeft = one.offsetLeft - one.parentElement.offsetLeft - (one.parentElement.clientWidth - one.offsetWidth) / 2;
  });

  // A refused answer opens its question again.
  var asked = document.querySelector("dialog[data-open]");
  if (asked) asked.showModal();

  // Whoever points at a toast, or has the focus in it, has all the time they want.
  function goesByItself(notice) {
    var timer = setTimeout(function () { notice.remove(); }, TOAST_MS[notice.dataset.goesByItself]);
    ["pointerenter", "focusin"].forEach(function (name) {
      notice.addEventListener(name, function () { clearTimeout(timer); });
    });
  }
  var toasts = document.getElementById("toasts");
  toasts.querySelectorAll("[data-goes-by-itself]").forEach(goesByItself);
  new MutationObserver(function (changes) {
    changes.forEach(function (change) {
      change.addedNodes.forEach(function (one) { if (one.matches && one.matches("[data-goes-by-itself]")) goesByItself(one); });
    });
  }).observe(toasts, { childList: true });

  // One tap is enough: the second is ignored here, and harmless on the server.
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });

  // The same for what htmx sends: its button is busy from the press to the answer.
  function pressed(event) {
    var by = event.detail.requestConfig.triggeringEvent;
    var button = (by && by.submitter) || event.detail.elt;
    return button.matches("button, a.btn") ? button : null;
  }
  document.body.addEventListener("htmx:beforeRequest", function (event) {
    var button = pressed(event);
    if (button) button.setAttribute("aria-busy", "true");
  });
  document.body.addEventListener("htmx:afterRequest", function (event) {
    var button = pressed(event);
    if (button) button.removeAttribute("aria-busy");
    if (!isQuiet(event)) ready(document); // the bell's answer says nothing of a form that is on its way
  });

  // A held Enter presses once: by its next repeat the focus may be on the button that comes after.
  document.addEventListener("keydown", function (event) {
    if (event.repeat && event.key === "Enter" && event.target.type === "submit") event.preventDefault();
  });

  function ready(root) {
    root.querySelectorAll("form[data-sent]").forEach(function (form) {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-busy]").forEach(function (button) { button.removeAttribute("aria-busy"); });
    });
  }
  window.addEventListener("pageshow", function () { ready(document); });

  // On a phone tabs and filters are a row that slides: it begins where the chosen one is seen.
  document.querySelectorAll(":is(.tabs, .filters) > [aria-current]").forEach(function (here) {
    var row = here.parentElement;
    row.scrollLeft += Math.max(0, here.getBoundingClientRect().right - row.getBoundingClientRect().right);
  });

  // Filters and choices that apply at once: <form data-applies-itself method="get">.
  document.addEventListener("change", function (event) {
    var form = event.target.form;
    if (form && form.hasAttribute("data-applies-itself")) form.requestSubmit();
  });

  // What the page asks for by itself fails by itself: the next time will do.
  function isQuiet(event) { return event.detail.elt.closest("[data-quiet]") !== null; }

  document.addEventListener("ems:says", function (event) { toast(event.detail); });
  document.body.addEventListener("htmx:sendError", function (event) {
    if (isQuiet(event)) return;
    toast(words.noAnswer);
  });
  document.body.addEventListener("htmx:timeout", function (event) {
    if (isQuiet(event)) return;
    toast(words.late);
  });
  document.body.addEventListener("htmx:responseError", function (event) {
    if (isQuiet(event)) return;
    toast(words["status-" + event.detail.xhr.status] || words.broken);
  });
})();
