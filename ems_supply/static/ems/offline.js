// What a page does about a bad signal: says how old it is and what waits, marks what was already entered, and sends.
(function () {
  "use strict";
  var body = document.body, root = document.documentElement;
  var person = Number(body.dataset.person);
  var KEEP_EVERY_MS = 15 * 60 * 1000, TRY_EVERY_MS = 20000;
  if (!person || !("serviceWorker" in navigator) || !self.outbox || !navigator.locks) return;

  function one(selector, within) { return (within || document).querySelector(selector); }

  // --- The worker ------------------------------------------------------------------------------------------------------

  navigator.serviceWorker.register("/service-worker.js", { updateViaCache: "none" });
  navigator.serviceWorker.ready.then(async function (registration) {
    registration.active.postMessage({ person: person });
    var last = (await outbox.fact("asked")) || {};
    var isRecent = last.person === person && last.lang === root.lang && Date.now() - last.at < KEEP_EVERY_MS;
    if (isRecent && (await caches.has("pages-" + person)) && !root.dataset.asOf) return; // gone after signing out
    var session = await outbox.sessionNow();
    if (!session || session.person !== person) return;
    await outbox.setFact("asked", { person: person, lang: root.lang, at: Date.now() });
    registration.active.postMessage({ keep: { person: person, pages: session.pages } });
  });

  // --- What waits ------------------------------------------------------------------------------------------------------

  async function show() {
    var entries = await outbox.all();
    var own = entries.filter(function (entry) { return entry.person === person; });
    var asks = own.filter(function (entry) { return entry.state === outbox.ASKS; }).length;
    var bar = one("#signal"), says = bar.dataset, words = [];
    if (root.dataset.asOf) words.push(says.asOf.replace("#", clock(root.dataset.asOf)));
    else if (!navigator.onLine) words.push(says.noSignal);
    if (asks) words.push((asks === 1 ? says.asksOne : says.asksMore).replace("#", asks));
    var waiting = own.length - asks;
    if (waiting) words.push((waiting === 1 ? says.waitsOne : says.waitsMore).replace("#", waiting));
    bar.hidden = words.length === 0;
    bar.classList.toggle("is-asking", asks > 0);
    one("span", bar).textContent = words.join(" ");
    mark(own);
    if (one("#outbox")) list(entries, own);
  }

  function clock(moment) {
    var at = new Date(moment), isToday = at.toDateString() === new Date().toDateString();
    var options = isToday ? {} : { month: "short", day: "numeric" };
    return at.toLocaleString(root.lang, Object.assign(options, { hour: "2-digit", minute: "2-digit", hour12: false }));
  }

  // Forms of this page that somebody has already sent from here, and that wait.
  function mark(own) {
    document.querySelectorAll("form").forEach(function (form) {
      if (!form.elements.outbox || form.matches("[data-whole]")) return;
      var address = new URL(form.getAttribute("hx-post") || form.getAttribute("action") || location.href, location.href);
      var line = form.closest("[data-count-line]");
      var before = own.filter(function (entry) {
        return line ? isOfLine(entry, form, address) : entry.url === address.href;
      }).pop();
      if (line) markLine(line, form, before);
      else note(form, before);
    });
  }

  // All lines of a count go to one address, alone or with their bin; the number's name tells them apart.
  function isOfLine(entry, form, address) {
    var number = one('input[name^="counted-"]', form);
    return new URL(entry.url).pathname === address.pathname
      && entry.fields.some(function (pair) { return pair[0] === number.name; });
  }

  // A number of a count replaces the one before it: the same entry, with the same request id. One that went with all
  // of its bin is corrected by an entry of its own, which has seen that number.
  function markLine(line, form, entry) {
    var chip = one("[data-kept]", line);
    if (!entry) {
      if (chip) chip.remove();
      return;
    }
    var number = one('input[name^="counted-"]', form), value = outbox.valueOf(entry.fields, number.name);
    if (!chip) {
      chip = one("#kept-chip").content.firstElementChild.cloneNode(true);
      line.insertBefore(chip, form.closest("details") || form);
      number.value = value;
    }
    one("b", chip).textContent = value;
    if (isOfMany(entry)) form.elements["seen-" + number.name.slice("counted-".length)].value = value;
    else form.elements.request_id.value = entry.id;
    line.setAttribute("data-is-counted", "");
    leaveOut(line.closest(".count-bin"), number.name);
  }

  function isOfMany(entry) {
    return entry.fields.filter(function (pair) { return pair[0].startsWith("counted-"); }).length > 1;
  }

  // What is kept already is not "as expected" with the rest of its bin.
  function leaveOut(bin, name) {
    var form = one("[data-whole]", bin), input = form && form.elements[name];
    if (!input) return;
    input.remove();
    var left = form.querySelectorAll('input[name^="counted-"]').length;
    one("b", form).textContent = left;
    form.hidden = left < 2;
  }

  function note(form, entry) {
    var shown = one("[data-kept-note]", form);
    if (shown) shown.remove();
    if (!entry) return;
    var made = one("#kept-note").content.firstElementChild.cloneNode(true);
    one("b", made).textContent = entry.words;
    one("time", made).textContent = clock(entry.at);
    form.prepend(made);
  }

  document.addEventListener("ems:kept", function (event) {
    var line = event.target.closest("[data-count-line]");
    var lines = Array.from(document.querySelectorAll("[data-count-line]"));
    show().then(function () {
      var next = lines.slice(lines.indexOf(line) + 1).find(function (row) { return !row.hasAttribute("data-is-counted"); });
      if (next) one("button[type=submit]", next).focus({ preventScroll: true });
    });
  });

  // --- The page of what waits ------------------------------------------------------------------------------------------

  function list(entries, own) {
    var rows = one("#outbox"), query = new URLSearchParams(location.search);
    one("#outbox-empty").hidden = entries.length > 0;
    one("#send-now").hidden = !own.some(function (entry) { return entry.state === outbox.WAITS; });
    one("#outbox-missing").hidden = root.dataset.missing === undefined;
    one("#outbox-unsent").hidden = !query.has("unsent");
    rows.replaceChildren.apply(rows, entries.map(function (entry) { return row(entry, query.get("kept")); }));
    outbox.fact("twice").then(function (entry) {
      one("#outbox-twice").hidden = !entry || entry.person !== person;
      if (entry) one("#outbox-twice b").textContent = entry.words;
    });
  }

  function row(entry, kept) {
    var made = one("#outbox-row").content.firstElementChild.cloneNode(true);
    var asks = entry.state === outbox.ASKS, isOwn = entry.person === person;
    made.dataset.entry = entry.id;
    made.classList.toggle("is-new", entry.id === kept);
    one("[data-words]", made).textContent = entry.words;
    var when = one("[data-when]", made);
    when.textContent = (isOwn ? when.dataset.own : when.dataset.other).replace("#", clock(entry.at));
    one("[data-waits]", made).hidden = asks;
    one("[data-asks]", made).hidden = !asks;
    one("[data-opens-entry]", made).hidden = !asks || !isOwn;
    one("[data-removes-entry]", made).hidden = !isOwn;
    return made;
  }

  // The server's question: the form goes again as a page, which comes back with all that was typed and why it is refused.
  async function open(id) {
    var entry = await outbox.get(id), session = await outbox.sessionNow();
    if (!session || session.person !== person) return show();
    var form = document.createElement("form"), files = new Map();
    form.method = "post";
    form.action = entry.url;
    form.enctype = "multipart/form-data";
    form.hidden = true;
    entry.fields.forEach(function (pair) {
      var isFile = typeof pair[1] !== "string", input = isFile && files.get(pair[0]);
      if (!input) {
        input = document.createElement("input");
        input.type = isFile ? "file" : "hidden";
        input.name = pair[0];
        form.append(input);
        if (isFile) files.set(pair[0], input);
      }
      if (isFile) {
        var held = new DataTransfer();
        Array.from(input.files).concat([pair[1]]).forEach(function (file) { held.items.add(file); });
        input.files = held.files;
      } else input.value = pair[0] === "csrfmiddlewaretoken" ? session.token : pair[1];
    });
    document.body.append(form);
    form.submit();
  }

  async function another(isOther) {
    var entry = await outbox.fact("twice");
    if (isOther) {
      entry.id = crypto.randomUUID();
      entry.fields = entry.fields.map(function (pair) { return pair[0] === "request_id" ? [pair[0], entry.id] : pair; });
    }
    await outbox.put(entry);
    await outbox.setFact("twice", null);
    await trySending();
  }

  document.addEventListener("click", async function (event) {
    var button = event.target.closest("[data-opens-entry], [data-removes-entry], [data-removes-now], [data-sends], [data-twice]");
    if (!button) return;
    if (button.matches("[data-opens-entry]")) return open(button.closest("[data-entry]").dataset.entry);
    if (button.matches("[data-sends]")) return trySending();
    if (button.matches("[data-twice]")) return another(button.dataset.twice === "other");
    var ask = one("#remove-entry");
    if (button.matches("[data-removes-now]")) {
      ask.close();
      await outbox.remove(ask.dataset.entry);
      return show();
    }
    ask.dataset.entry = button.closest("[data-entry]").dataset.entry;
    one("b", ask).textContent = one("[data-words]", button.closest("[data-entry]")).textContent;
    ask.showModal();
  });

  // --- Sending ---------------------------------------------------------------------------------------------------------

  async function trySending() {
    var sent = await outbox.flush();
    if (sent) said(sent);
    await show();
  }

  function said(sent) {
    var bar = one("#sent");
    one("span", bar).textContent = sent === 1 ? bar.dataset.one : bar.dataset.more.replace("#", sent);
    bar.hidden = false;
  }

  outbox.channel.addEventListener("message", function (event) {
    if (event.data.sent) said(event.data.sent);
    show();
  });
  window.addEventListener("online", trySending);
  window.addEventListener("offline", show);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) trySending(); });
  window.addEventListener("pageshow", show);
  setInterval(async function () { if ((await outbox.all()).length) trySending(); }, TRY_EVERY_MS);
  trySending();
})();
