// The queue: what is chosen is counted, and what changed meanwhile comes in by itself, marked; never under the finger.
(function () {
  "use strict";
  var EVERY = 20000;
  var CALM = 5000; // so long nobody touched anything
  var touched = 0;
  var fresh = null;
  var marked = new Set(); // changed, and not looked at yet

  function live(root) { return Array.from(root.querySelectorAll("[data-live]")); }

  function cards(root) {
    var found = new Map();
    root.querySelectorAll("[data-card]").forEach(function (card) { found.set(card.dataset.card, card.dataset.mark); });
    return found;
  }

  // --- Choosing several ---
  function chosen() { return Array.from(document.querySelectorAll("[name=chosen]:checked")); }

  function tell() {
    var bar = document.getElementById("together-bar");
    if (!bar) return;
    var count = chosen().length;
    bar.hidden = count === 0;
    bar.querySelector("b").textContent = count;
  }

  document.addEventListener("change", function (event) {
    if (event.target.name === "chosen") tell();
  });
  window.addEventListener("pageshow", tell);

  // --- What changed meanwhile ---
  ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"].forEach(function (name) {
    document.addEventListener(name, function () { touched = Date.now(); }, { passive: true });
  });

  function changed(page) {
    var before = cards(document), after = cards(page), found = new Set();
    after.forEach(function (mark, card) { if (before.get(card) !== mark) found.add(card); });
    var gone = Array.from(before.keys()).filter(function (card) { return !after.has(card); });
    return { cards: found, count: found.size + gone.length };
  }

  function isCalm() {
    return Date.now() - touched > CALM && chosen().length === 0 && !document.querySelector("dialog[open]");
  }

  function show() {
    if (!fresh) return;
    var news = changed(fresh);
    var kept = new Set(chosen().map(function (box) { return box.value; }));
    var at = document.activeElement.closest("[data-card]");
    live(fresh).forEach(function (part) {
      if (part.id === "queue-board" && news.count === 0) return;
      document.getElementById(part.id).replaceWith(part);
      htmx.process(part);
    });
    fresh = null;
    notice();
    if (news.count === 0) return;
    news.cards.forEach(function (name) { marked.add(name); });
    document.querySelectorAll("[data-card]").forEach(mark);
    document.querySelectorAll("[name=chosen]").forEach(function (box) { box.checked = kept.has(box.value); });
    var again = at && document.querySelector('[data-card="' + at.dataset.card + '"] a');
    if (again) again.focus();
    tell();
  }

  function mark(card) {
    if (!marked.has(card.dataset.card)) return;
    card.classList.add("is-new");
    card.querySelector(".chips").prepend(document.getElementById("new-chip").content.cloneNode(true));
  }

  function unmark(event) {
    var card = event.target.closest && event.target.closest("[data-card]");
    if (card) marked.delete(card.dataset.card);
  }
  document.addEventListener("pointerover", unmark);
  document.addEventListener("focusin", unmark);

  function notice() {
    var bar = document.getElementById("news");
    var count = fresh ? changed(fresh).count : 0;
    bar.hidden = count === 0;
    bar.querySelector("b").textContent = count;
  }

  function look() {
    if (document.hidden) return;
    fetch(location.href, { headers: { "X-Live": "true" } })
      .then(function (answer) {
        if (!answer.ok || answer.redirected) return null;
        return answer.text();
      })
      .then(function (text) {
        if (text === null) return;
        fresh = new DOMParser().parseFromString(text, "text/html");
        if (isCalm()) show();
        else notice();
      })
      .catch(function () { /* no signal: the strip above says so, and the next look may reach it */ });
  }

  document.getElementById("news").addEventListener("click", show);
  setInterval(look, EVERY);
  tell();
})();
