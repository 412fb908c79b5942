// Between the pages and the network: forms that may wait are kept before they are sent, kept pages open without a
// signal, and the files that draw them are at hand. OFFLINE is put before this by the server.
(function () {
  "use strict";
  var STATICS = "statics-" + OFFLINE.version;
  var PATIENCE_MS = 6000; // with a bad signal, a kept page is better than no page
  var LONGEST_MS = 48 * 3600 * 1000;
  var REQUEST_ID = /(name="request_id" value=")[0-9a-f-]{36}(?=")/g;
  var KEPT_AT = "X-Kept-At";

  self.addEventListener("install", function (event) {
    var files = OFFLINE.files.concat(OFFLINE.noSignal).map(function (file) { return new Request(file, { cache: "reload" }); });
    event.waitUntil(caches.open(STATICS).then(function (cache) { return cache.addAll(files); }));
    self.skipWaiting();
  });

  self.addEventListener("activate", function (event) {
    event.waitUntil((async function () {
      var names = await caches.keys();
      var old = names.filter(function (name) { return name.startsWith("statics-") && name !== STATICS; });
      await Promise.all(old.map(function (name) { return caches.delete(name); }));
      await self.clients.claim();
    })());
  });

  self.addEventListener("message", function (event) {
    if (event.data.person) event.waitUntil(known(event.data.person));
    if (event.data.keep) event.waitUntil(keep(event.data.keep));
  });

  self.addEventListener("sync", function (event) {
    event.waitUntil(outbox.flush());
  });

  self.addEventListener("fetch", function (event) {
    var request = event.request, url = new URL(request.url);
    if (url.origin !== self.location.origin || request.headers.has("X-Outbox")) return; // a page that sends what waits
    if (request.method === "POST") {
      if (url.pathname === OFFLINE.signOut) event.respondWith(signedOut(request));
      else event.respondWith(posted(request));
    } else if (request.method === "GET" && url.pathname.startsWith(OFFLINE.statics)) {
      event.respondWith(file(request));
    } else if (request.method === "GET" && request.mode === "navigate") {
      event.respondWith(page(request));
    }
  });

  // --- Forms -----------------------------------------------------------------------------------------------------------

  async function posted(request) {
    var isPage = request.mode === "navigate";
    var entry = await outbox.entryOf(request.clone()).catch(function () { return null; });
    if (!entry) {
      return fetch(request).catch(function (error) {
        if (isPage) return goTo("?unsent=1");
        throw error;
      });
    }
    var before = await outbox.get(entry.id);
    if (before && !outbox.isSame(before, entry) && isPage) {
      await outbox.setFact("twice", entry);
      return goTo("?twice=1");
    }
    // Somebody who asks why gets the server's page, whatever it says; the token is fresh then.
    var isOpened = Boolean(before) && before.state === outbox.ASKS;
    await outbox.put(entry);
    var answer = await outbox.send(entry, isOpened && outbox.valueOf(entry.fields, "csrfmiddlewaretoken"), !isPage);
    var isShown = answer.kind !== outbox.WAITS || (isOpened && answer.response);
    if (!isShown) return waits(entry, isPage, answer.why);
    // A page that holds what was typed takes its place; one that does not, leaves it here.
    if (answer.kind === "done" || answer.response.status === 422) await outbox.settle(entry);
    else await outbox.settle(entry, { state: outbox.ASKS });
    if (answer.kind === "done" && answer.to && isPage) return Response.redirect(new URL(answer.to, request.url), 303);
    return answer.response;
  }

  async function waits(entry, isPage, why) {
    if (self.registration.sync) self.registration.sync.register("ems-outbox").catch(function () {});
    if (isPage) return goTo(why === "signed-out" ? "" : "?kept=" + entry.id); // if signed out, by way of signing in
    var said = JSON.stringify({ "ems:kept": { id: entry.id } });
    return new Response("", { status: 202, headers: { "HX-Reswap": "none", "HX-Trigger": said } });
  }

  function goTo(query) {
    return Response.redirect(new URL(OFFLINE.outbox + query, self.location), 303);
  }

  // --- Pages and files -------------------------------------------------------------------------------------------------

  async function ownPages() {
    var person = await outbox.fact("person");
    return person ? caches.open("pages-" + person) : null;
  }

  async function page(request) {
    var asked = fetch(request); // at once: what is kept is looked up meanwhile
    asked.catch(function () {});
    var pages = await ownPages();
    var key = keyOf(request.url);
    var kept = pages && (await pages.match(key, { ignoreVary: true }));
    var network = asked.then(async function (response) {
      if (kept && response.ok && response.type === "basic") await store(pages, key, response.clone());
      return response;
    });
    try {
      return await (kept ? Promise.race([network, late()]) : network);
    } catch (error) {
      network.catch(function () {});
      return (kept && (await asOf(kept))) || missing(pages, key);
    }
  }

  // What waits is one page, whatever its address asks it to say.
  function keyOf(address) {
    var url = new URL(address, self.location);
    return url.pathname === OFFLINE.outbox ? url.origin + url.pathname : url.href;
  }

  function late() {
    return new Promise(function (resolve, reject) { setTimeout(reject, PATIENCE_MS, new Error("late")); });
  }

  async function store(pages, url, response) {
    var headers = new Headers(response.headers);
    headers.set(KEPT_AT, String(Date.now()));
    await pages.put(url, new Response(await response.blob(), { headers: headers }));
  }

  // A kept page, as of when it was kept; each of its forms is a new one, so that two of them are never taken for one.
  async function asOf(kept) {
    var at = Number(kept.headers.get(KEPT_AT));
    if (Date.now() - at > LONGEST_MS) return null;
    var html = (await kept.text()).replace(REQUEST_ID, function (whole, head) { return head + crypto.randomUUID(); });
    html = html.replace("<html ", '<html data-as-of="' + new Date(at).toISOString() + '" ');
    return new Response(html, { headers: kept.headers });
  }

  // In place of a page that is not here: what waits, which also says so.
  async function missing(pages, key) {
    var kept = pages && (await pages.match(keyOf(OFFLINE.outbox), { ignoreVary: true }));
    var shown = kept && (await asOf(kept));
    if (shown && key !== keyOf(OFFLINE.outbox)) {
      var html = (await shown.text()).replace("<html ", "<html data-missing ");
      return new Response(html, { headers: shown.headers, status: 503 });
    }
    var plain = await (await caches.open(STATICS)).match(OFFLINE.noSignal, { ignoreVary: true });
    return plain ? new Response(plain.body, { headers: plain.headers, status: 503 }) : Response.error();
  }

  async function file(request) {
    var cache = await caches.open(STATICS);
    var kept = await cache.match(request, { ignoreVary: true });
    return kept || fetch(request);
  }

  // Who is signed in on this phone. Another person's pages go: nobody reads what is not theirs.
  async function known(person) {
    if ((await outbox.fact("person")) === person) return;
    await outbox.setFact("person", person);
    await forget("pages-" + person);
  }

  async function keep(asked) {
    await known(asked.person);
    var pages = await caches.open("pages-" + asked.person);
    // It speaks the language that the pages speak.
    await (await caches.open(STATICS)).add(new Request(OFFLINE.noSignal, { cache: "reload" })).catch(function () {});
    for (var old of await pages.keys()) {
      if (!asked.pages.includes(new URL(old.url).pathname)) await pages.delete(old);
    }
    for (var address of asked.pages) {
      try {
        var response = await fetch(address, { cache: "no-store" });
        if (response.ok && !response.redirected) await store(pages, new URL(address, self.location).href, response);
        else await pages.delete(address);
      } catch (error) {
        return; // no signal: those that are here stay
      }
    }
  }

  async function forget(but) {
    var names = (await caches.keys()).filter(function (name) { return name.startsWith("pages-") && name !== but; });
    await Promise.all(names.map(function (name) { return caches.delete(name); }));
  }

  async function signedOut(request) {
    await outbox.setFact("person", null);
    await forget("");
    return fetch(request).catch(function () { return goTo("?unsent=1"); });
  }
})();
