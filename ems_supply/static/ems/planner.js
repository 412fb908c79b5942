// The planner: take hold of a delivery with mouse, finger or keys; the server says what would change; "Keep it" writes.
(function () {
  "use strict";
  var THRESHOLD = 6; // pixels before a press becomes a drag
  var PAUSE_MS = 140; // a drag that rests this long over a place asks what it would change
  var EDGE = 90;
  var held = null;
  var dragged = false;

  function planner() { return document.getElementById("planner"); }
  function panel() { return document.getElementById("planner-panel"); }

  function address(move, aim) {
    var seen = [];
    document.querySelectorAll("#planner [data-version]").forEach(function (lane) {
      if (lane.dataset.lane === aim.lane || lane.dataset.lane === "run-" + move.split("-")[1]) {
        seen.push(lane.dataset.lane.split("-")[1] + "." + lane.dataset.version);
      }
    });
    var to = aim.lane === "waiting" ? "waiting" : aim.lane + "@" + aim.position;
    var query = "&move=" + move + "&to=" + encodeURIComponent(to);
    return planner().dataset.address + query + (seen.length ? "&seen=" + seen.join(",") : "");
  }

  function show(move, aim, focus) {
    return htmx.ajax("GET", address(move, aim), { target: "#planner", swap: "outerHTML" }).then(function () {
      var card = document.getElementById("stop-" + move);
      if (card) card.scrollIntoView({ block: "nearest" });
      var goal = focus === "card" && card;
      goal = goal || panel().querySelector("[data-keeps] button, [data-puts-back]") || panel();
      goal.focus({ preventScroll: true });
    });
  }

  // --- Where a delivery is, and where it would land -----------------------------------------------------------------

  function cardsIn(lane) { return Array.from(lane.querySelectorAll(".stop-item")); }

  function placeOf(move) {
    var card = document.getElementById("stop-" + move);
    var lane = card.closest("[data-lane]");
    return { lane: lane.dataset.lane, position: cardsIn(lane).indexOf(card.closest(".stop-item")) + 1 };
  }

  function isBefore(box, x, y) {
    if (y > box.bottom) return true;
    return y >= box.top && x > box.left + box.width / 2;
  }

  function isAbove(box, y) { return y > box.top + box.height / 2; }

  function aimAt(x, y, move) {
    var under = document.elementFromPoint(x, y);
    var lane = under && under.closest("[data-lane]");
    if (!lane) return null;
    if (lane.dataset.closed) return { lane: lane.dataset.lane, element: lane, closed: lane.dataset.closed };
    var own = "stop-" + move;
    var others = cardsIn(lane).filter(function (item) { return item.firstElementChild.id !== own; });
    var list = lane.querySelector(".lane-stops");
    var isColumn = list && getComputedStyle(list).display === "grid";
    var count = 0;
    if (under.closest(".lane-line")) {
      lane.querySelectorAll("[data-block]").forEach(function (block) {
        var box = block.getBoundingClientRect();
        if (block.dataset.stop !== move && x > box.left + box.width / 2) count += 1;
      });
    } else if (list && y < list.getBoundingClientRect().top) {
      count = others.length; // on its name: at the end
    } else {
      others.forEach(function (item) {
        var box = item.getBoundingClientRect();
        if (isColumn ? isAbove(box, y) : isBefore(box, x, y)) count += 1;
      });
    }
    return { lane: lane.dataset.lane, position: count + 1, element: lane, others: others };
  }

  function isSame(a, b) {
    return a && b && a.lane === b.lane && (a.lane === "waiting" || a.position === b.position);
  }

  function mark(aim) {
    document.querySelectorAll(".drops-here, .drops-before, .drops-after").forEach(function (one) {
      one.classList.remove("drops-here", "drops-before", "drops-after");
    });
    if (!aim || aim.closed) return;
    aim.element.classList.add("drops-here");
    if (aim.lane === "waiting") return;
    var next = aim.others[aim.position - 1];
    var last = aim.others[aim.others.length - 1];
    if (next) next.classList.add("drops-before");
    else if (last) last.classList.add("drops-after");
  }

  // --- Dragging -----------------------------------------------------------------------------------------------------

  document.addEventListener("pointerdown", function (event) {
    var source = event.target.closest && event.target.closest("[data-move]");
    if (!source || event.button !== 0 || held) return;
    var isFinger = event.pointerType === "touch";
    if (isFinger && !event.target.closest(".stop-grip, [data-block]")) return; // a finger elsewhere scrolls
    dragged = false;
    held = { move: source.dataset.move, source: source, id: event.pointerId, x: event.clientX, y: event.clientY };
  });

  function lift() {
    var card = document.getElementById("stop-" + held.move);
    held.home = placeOf(held.move);
    held.ghost = card.cloneNode(true);
    ["id", "data-stop", "data-move"].forEach(function (name) { held.ghost.removeAttribute(name); });
    held.ghost.classList.add("drag-ghost");
    document.body.append(held.ghost);
    document.body.classList.add("is-dragging");
    document.querySelectorAll('[data-stop="' + held.move + '"]').forEach(function (one) { one.classList.add("is-taken"); });
    if (held.source.setPointerCapture) held.source.setPointerCapture(held.id);
    dragged = true;
    roll();
  }

  function roll() {
    if (!held || !held.ghost) return;
    var speed = 0;
    if (held.lastY < EDGE) speed = -10;
    else if (held.lastY > window.innerHeight - EDGE) speed = 10;
    if (speed) {
      window.scrollBy({ top: speed, behavior: "instant" });
      follow();
    }
    held.frame = requestAnimationFrame(roll);
  }

  function peek(aim) {
    clearTimeout(held.timer);
    if (held.asking) held.asking.abort();
    if (!aim || aim.closed || isSame(aim, held.home)) {
      say(aim && aim.closed ? aim.closed : "");
      return;
    }
    var url = address(held.move, aim) + "&part=panel";
    held.timer = setTimeout(function () {
      held.asking = new AbortController();
      fetch(url, { headers: { "HX-Request": "true" }, signal: held.asking.signal })
        .then(function (answer) { return answer.ok || answer.status === 422 ? answer.text() : ""; })
        .then(function (text) {
          if (!held || !text) return;
          var made = new DOMParser().parseFromString(text, "text/html").getElementById("planner-panel");
          if (made) panel().replaceChildren.apply(panel(), Array.from(made.childNodes));
        })
        .catch(function () { /* The next place asks again; the drop asks for sure. */ });
    }, PAUSE_MS);
  }

  function say(words) {
    panel().querySelectorAll("[data-panel]").forEach(function (box) { box.remove(); });
    if (!words) return;
    var box = document.createElement("div");
    box.className = "panel-box";
    box.dataset.panel = "closed";
    box.textContent = words;
    panel().append(box);
  }

  document.addEventListener("pointermove", function (event) {
    if (!held || event.pointerId !== held.id) return;
    if (!held.ghost) {
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < THRESHOLD) return;
      lift();
    }
    event.preventDefault();
    held.lastX = event.clientX;
    held.lastY = event.clientY;
    held.ghost.style.setProperty("--x", event.clientX + 10 + "px");
    held.ghost.style.setProperty("--y", event.clientY + 10 + "px");
    follow();
  });

  function follow() {
    var aim = aimAt(held.lastX, held.lastY, held.move);
    mark(aim);
    if (aim ? !isSame(aim, held.aim) : held.aim) {
      held.aim = aim;
      peek(aim);
    }
  }

  function letGo() {
    var was = held;
    held = null;
    clearTimeout(was.timer);
    if (was.asking) was.asking.abort();
    if (!was.ghost) return was;
    cancelAnimationFrame(was.frame);
    was.ghost.remove();
    document.body.classList.remove("is-dragging");
    document.querySelectorAll(".is-taken").forEach(function (one) { one.classList.remove("is-taken"); });
    mark(null);
    return was;
  }

  document.addEventListener("pointerup", function (event) {
    if (!held || event.pointerId !== held.id) return;
    var aim = held.ghost && aimAt(event.clientX, event.clientY, held.move);
    var was = letGo();
    if (!was.ghost) return;
    setTimeout(function () { dragged = false; }, 0); // the click that follows a drag is none
    if (!aim || isSame(aim, was.home)) say("");
    else if (aim.closed) say(aim.closed);
    else show(was.move, aim, "keep");
  });
  document.addEventListener("pointercancel", function () {
    if (!held) return;
    letGo();
    say("");
  });
  document.addEventListener("click", function (event) {
    if (dragged && event.target.closest("[data-move]")) {
      event.preventDefault();
      event.stopPropagation();
    }
    if (event.target.closest("[data-closes-panel]")) say("");
  }, true);
  document.addEventListener("dragstart", function (event) {
    if (event.target.closest && event.target.closest("[data-move]")) event.preventDefault();
  });

  // --- Keys ---------------------------------------------------------------------------------------------------------

  function openLanes() { return Array.from(document.querySelectorAll("[data-lane]:not([data-closed])")); }

  function stepped(move, key) {
    var here = placeOf(move);
    var lanes = openLanes().map(function (lane) { return lane.dataset.lane; });
    // The lanes first, then what waits, as the eye goes down.
    lanes = lanes.filter(function (one) { return one !== "waiting"; }).concat("waiting");
    if (key === "ArrowLeft" || key === "ArrowRight") {
      if (here.lane === "waiting") return null;
      var lane = document.querySelector('[data-lane="' + here.lane + '"]');
      var position = here.position + (key === "ArrowLeft" ? -1 : 1);
      return position < 1 || position > cardsIn(lane).length ? null : { lane: here.lane, position: position };
    }
    var next = lanes[lanes.indexOf(here.lane) + (key === "ArrowUp" ? -1 : 1)];
    if (!next) return null;
    var there = cardsIn(document.querySelector('[data-lane="' + next + '"]')).length;
    return { lane: next, position: Math.min(here.position, there + 1) };
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "Escape" && held) {
      letGo();
      say("");
      return;
    }
    var back = panel() && panel().querySelector("[data-puts-back]");
    if (event.key === "Escape" && back) {
      back.click();
      return;
    }
    var card = event.target.closest && event.target.closest(".stop-card[data-move]");
    if (!card || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" && panel().querySelector("[data-keeps]")) {
      event.preventDefault();
      panel().querySelector("[data-keeps]").requestSubmit();
    }
    if (!/^Arrow/.test(event.key)) return;
    event.preventDefault();
    var aim = stepped(card.dataset.move, event.key);
    if (aim) show(card.dataset.move, aim, "card");
  });

  // --- One thing, three places: the map, the axis and the list light up together ------------------------------------

  function light(target) {
    document.querySelectorAll(".is-lit").forEach(function (one) { one.classList.remove("is-lit"); });
    var page = planner();
    if (!page) return;
    var stop = target && target.closest && target.closest("[data-stop]");
    var lane = target && target.closest && target.closest("[data-lights]");
    if (stop) {
      page.querySelectorAll('[data-stop="' + stop.dataset.stop + '"]').forEach(function (one) { one.classList.add("is-lit"); });
    }
    if (lane) {
      page.querySelectorAll('.way[data-lights="' + lane.dataset.lights + '"], .lane[data-lights="' + lane.dataset.lights + '"]')
        .forEach(function (one) { one.classList.add("is-lit"); });
    }
    page.classList.toggle("has-lit", Boolean(lane));
  }

  ["pointerover", "focusin", "click"].forEach(function (name) {
    document.addEventListener(name, function (event) { if (!held) light(event.target); });
  });

  // After a move is kept the keys stay with what was moved; a list of places is ready for them.
  document.addEventListener("htmx:afterSettle", function () {
    var page = planner();
    if (!page) return;
    var choice = document.getElementById("planner-to");
    if (choice && !panel().contains(document.activeElement)) choice.focus();
    if (page.dataset.moved && document.activeElement === document.body) {
      var card = page.querySelector('.stop-card[id^="stop-' + page.dataset.moved + '-"]');
      if (card) card.focus({ preventScroll: true });
    }
  });
})();
