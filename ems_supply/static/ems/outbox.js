// What was sent without an answer waits here, in the phone, until the server has said yes or asked a question.
// Pages and the service worker share this file. One entry is one form: its request id makes it count once on the server,
// however often it is sent.
(function () {
  "use strict";
  var STORE = "entries", ANSWER_MS = 25000, MOST_FAILURES = 10;
  var MOST_BYTES = 30e6; // of the files of one form
  var WAITS = "waits", ASKS = "asks";

  var opened = idb.openDB("ems-outbox", 1, {
    upgrade: function (database) {
      database.createObjectStore(STORE, { keyPath: "id" });
      database.createObjectStore("facts");
    },
  });

  // The last of each name, as a form of one page has it.
  function valueOf(fields, name) {
    var found = fields.filter(function (pair) { return pair[0] === name; }).pop();
    return found ? found[1] : "";
  }

  // What a request would send, if its form may wait: {% outbox %} marks it.
  async function entryOf(request) {
    var type = request.headers.get("Content-Type") || "";
    if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)/.test(type)) return null;
    var fields = Array.from((await request.formData()).entries()).filter(function (pair) {
      return typeof pair[1] === "string" || pair[1].size; // an empty field for files is sent as an empty file
    });
    if (fields.reduce(function (sum, pair) { return sum + (pair[1].size || 0); }, 0) > MOST_BYTES) return null;
    var words = valueOf(fields, "outbox"), id = valueOf(fields, "request_id");
    if (!words || !id) return null;
    var person = Number(valueOf(fields, "outbox_person"));
    return { id: id, person: person, url: request.url, words: words, fields: fields, at: Date.now(), state: WAITS, failures: 0 };
  }

  // Whether both say the same; the token that proves the page is no part of what is said.
  function isSame(one, other) {
    function said(entry) {
      var told = entry.fields.filter(function (pair) { return pair[0] !== "csrfmiddlewaretoken"; });
      return JSON.stringify(told.map(function (pair) { return [pair[0], pair[1].size || pair[1]]; })); // files by their size
    }
    return one.url === other.url && said(one) === said(other);
  }

  async function all() {
    var entries = await (await opened).getAll(STORE);
    return entries.sort(function (a, b) { return a.at - b.at; });
  }
  async function get(id) { return (await opened).get(STORE, id); }
  async function put(entry) { await (await opened).put(STORE, entry); told(); }
  async function remove(id) { await (await opened).delete(STORE, id); told(); }

  // After a sending: only what was sent is settled. What replaced it meanwhile, or was removed by hand, stays so.
  async function settle(entry, changed) {
    var transaction = (await opened).transaction(STORE, "readwrite");
    var now = await transaction.store.get(entry.id);
    if (now && now.at === entry.at) {
      if (changed) await transaction.store.put(Object.assign({}, now, changed));
      else await transaction.store.delete(entry.id);
    }
    await transaction.done;
    told();
  }
  async function fact(name) { return (await opened).get("facts", name); }
  async function setFact(name, value) { await (await opened).put("facts", value, name); }

  var channel = new BroadcastChannel("ems-outbox");
  function told() { channel.postMessage("changed"); }

  // Send it once, as a page or as a part of one for htmx. The answer: done (and where to go on), a question (the page
  // that asks it), or it waits, and why. A 403 is a question only with a token that is known to be fresh.
  async function send(entry, token, isPart) {
    var fields = entry.fields.map(function (pair) {
      return token && pair[0] === "csrfmiddlewaretoken" ? [pair[0], token] : pair;
    });
    var hasFile = fields.some(function (pair) { return typeof pair[1] !== "string"; });
    var body = hasFile ? new FormData() : new URLSearchParams();
    fields.forEach(function (pair) { body.append(pair[0], pair[1]); });
    var response;
    try {
      response = await fetch(entry.url, {
        method: "POST",
        body: body,
        headers: isPart ? { "HX-Request": "true" } : { "X-Outbox": "true" }, // it says where to go on, and does not go
        redirect: "manual",
        signal: AbortSignal.timeout(ANSWER_MS),
      });
    } catch (error) {
      return { kind: WAITS, why: "network" };
    }
    if (response.type === "opaqueredirect") return { kind: WAITS, why: "signed-out" };
    if (response.ok) return { kind: "done", response: response, to: response.headers.get("HX-Redirect") };
    if (response.status === 403 && !token) return { kind: WAITS, why: "token" };
    if ([409, 429].includes(response.status)) return { kind: WAITS, why: "busy" };
    if (response.status >= 500) return { kind: WAITS, why: "broken", response: response };
    return { kind: ASKS, response: response };
  }

  // Send all that waits, oldest first, of the person who is signed in. Says how many were sent.
  async function flush() {
    return navigator.locks.request("ems-outbox", { ifAvailable: true }, async function (lock) {
      if (!lock) return 0;
      var waiting = (await all()).filter(function (entry) { return entry.state === WAITS; });
      if (!waiting.length) return 0;
      var session = await sessionNow();
      if (!session || !session.person) return 0;
      var sent = 0;
      for (var entry of waiting) {
        if (entry.person !== session.person) continue;
        if (!(await get(entry.id))) continue; // it was sent or removed meanwhile
        var answer = await send(entry, session.token);
        if (answer.kind === "done") {
          await settle(entry);
          sent += 1;
        } else if (answer.kind === ASKS) {
          await settle(entry, { state: ASKS });
        } else if (answer.why === "broken") {
          var failures = entry.failures + 1;
          await settle(entry, { failures: failures, state: failures < MOST_FAILURES ? WAITS : ASKS });
        } else break; // no signal, nobody signed in, or busy: later
      }
      if (sent) channel.postMessage({ sent: sent });
      return sent;
    });
  }

  // Who is signed in, as the server says it; null without an answer.
  async function sessionNow() {
    try {
      var response = await fetch("/outbox/session/", { signal: AbortSignal.timeout(ANSWER_MS), cache: "no-store" });
      return response.ok ? await response.json() : null;
    } catch (error) {
      return null;
    }
  }

  self.outbox = {
    WAITS: WAITS, ASKS: ASKS, channel: channel,
    entryOf: entryOf, isSame: isSame, valueOf: valueOf, all: all, get: get, put: put, remove: remove,
    settle: settle,
    fact: fact, setFact: setFact, send: send, flush: flush, sessionNow: sessionNow,
  };
})();
