// Scanning: by the camera, by a USB scanner that types, or by hand. What was read is looked up on the server, then the
// row of the page that it names is filled, ticked or shown. The reader itself is loaded when the camera is first used.
(function () {
  "use strict";
  var box = document.getElementById("scan");
  if (!box) return;
  var facts = box.dataset;
  var video = box.querySelector("video"), said = box.querySelector("[data-said]"), typed = box.querySelector("input");
  var FORMATS = ["DataMatrix", "QRCode", "Code128", "EAN13", "EAN8", "UPCA", "UPCE", "ITF", "Code39"];
  var AGAIN = 2500; // the same code is read once while it stays in view
  var stream = null, reader = null, last = { code: "", at: 0 };

  // A sentence of the page with its {names} filled in.
  function fit(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, function (whole, name) { return values[name]; });
  }

  // --- Camera ---------------------------------------------------------------------------------------------------------

  function load() {
    if (!reader) {
      reader = new Promise(function (resolve, reject) {
        var script = document.createElement("script");
        script.src = facts.reader;
        script.onload = function () {
          ZXingWASM.prepareZXingModule({ overrides: { locateFile: function () { return facts.wasm; } } });
          resolve(ZXingWASM);
        };
        script.onerror = reject;
        document.head.append(script);
      });
      reader.catch(function () { reader = null; });
    }
    return reader;
  }

  function open() {
    say("", "");
    box.showModal();
    if (!navigator.mediaDevices) return typeInstead();
    video.hidden = false;
    var wanted = { video: { facingMode: "environment", width: { ideal: 1280 } } };
    Promise.all([navigator.mediaDevices.getUserMedia(wanted), load()]).then(function (ready) {
      stream = ready[0];
      if (!box.open) return stop();
      video.srcObject = stream;
      return video.play().then(function () { look(ready[1]); });
    }).catch(typeInstead);
  }

  function typeInstead() {
    video.hidden = true;
    if (!said.hidden) return; // what was scanned meanwhile has its answer there
    say(facts.noCamera, "");
    typed.focus();
  }

  function stop() {
    if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
    stream = null;
    video.srcObject = null;
  }
  box.addEventListener("close", stop);

  function look(zxing) {
    if (!stream) return;
    var canvas = document.createElement("canvas"), width = Math.min(video.videoWidth, 1280);
    if (!width) return setTimeout(look, 100, zxing);
    canvas.width = width;
    canvas.height = Math.round(video.videoHeight * width / video.videoWidth);
    var context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    var options = { formats: FORMATS, tryHarder: true, maxNumberOfSymbols: 1, textMode: "Plain" };
    zxing.readBarcodes(context.getImageData(0, 0, canvas.width, canvas.height), options).then(function (found) {
      if (found.length) seen(found[0].symbologyIdentifier + found[0].text);
      setTimeout(look, 120, zxing);
    });
  }

  function seen(code) {
    if (code === last.code && Date.now() - last.at < AGAIN) {
      last.at = Date.now();
      return;
    }
    last = { code: code, at: Date.now() };
    if (navigator.vibrate) navigator.vibrate(40);
    ask(code);
  }

  // --- A scanner that types: many letters at once, then Enter -------------------------------------------------------------

  var FAST = 80, SHORTEST = 6, burst = { text: "", at: 0, field: null, before: "" };

  document.addEventListener("keydown", function (event) {
    var now = event.timeStamp, isFast = now - burst.at < FAST;
    burst.at = now;
    if (event.key === "Enter") {
      if (isFast && burst.text.length >= SHORTEST && event.target !== typed) {
        event.preventDefault();
        event.stopPropagation();
        if (burst.field) burst.field.value = burst.before;
        ask(burst.text);
      }
      burst.text = "";
      return;
    }
    var letter = event.key === "F8" || (event.ctrlKey && event.key === "]") ? "\x1d" : event.key;
    if (letter.length !== 1) return;
    if (!isFast) burst = { text: "", at: now, field: event.target.closest("input, textarea"), before: event.target.value };
    burst.text += letter;
  }, true);

  // --- What it is, and what the page does with it -------------------------------------------------------------------------

  function ask(code) {
    if (facts.shows) {
      box.close();
      return htmx.ajax("GET", facts.shows + "?code=" + encodeURIComponent(code), { target: "#scanned", swap: "outerHTML" });
    }
    fetch(facts.lookup + "?code=" + encodeURIComponent(code)).then(function (answer) {
      return answer.json();
    }).then(use).catch(function () {
      say(facts.noAnswer, "");
    });
  }

  function use(found) {
    if (found.go) return location.assign(found.go);
    if (!found.item) return say(found.said, found.link);
    var rows = Array.from(document.querySelectorAll("[data-scan-item]")).filter(function (row) {
      return row.dataset.scanItem === found.item;
    });
    if (!rows.length) return say(fit(facts.notListed, { what: found.words }), "");
    var exact = rows.find(function (row) { return row.dataset.scanLot === String(found.lot); });
    var row = exact || (found.number && rows[0].dataset.scanLot ? null : rows[0]);
    row ? fill(row, found) : otherLot(rows[0], found);
  }

  function fill(row, found) {
    var input = row.querySelector("[data-stepper] input"), take = row.querySelector("[data-scan-takes]");
    if (row.hidden) row.hidden = false;
    row.scrollIntoView({ block: "center" });
    if (take) {
      take.click();
      return say(fit(facts.taken, { what: found.words }), "");
    }
    if (!input || facts.does === "shows") {
      var more = row.querySelector("details");
      if (more) more.open = true;
      (input || row.querySelector("a, button")).focus({ preventScroll: true });
      return say(found.words, "");
    }
    var most = input.max === "" ? Infinity : Number(input.max);
    input.value = Math.min((Number(input.value) || 0) + found.quantity, most);
    input.dispatchEvent(new Event("input", { bubbles: true }));
    chooseLot(row, found);
    say(fit(facts.inAll, { what: found.words, count: input.value }), "");
  }

  function chooseLot(row, found) {
    var lots = row.querySelector("select[name^=lot-]");
    if (!lots || !found.lot || !lots.querySelector('option[value="' + found.lot + '"]')) return;
    lots.value = String(found.lot);
    lots.closest("details").open = true;
  }

  function otherLot(row, found) {
    var more = row.querySelector("details");
    row.scrollIntoView({ block: "center" });
    if (more) more.open = true;
    say(fit(facts.otherLot, { lot: found.number, item: found.name }), "");
  }

  function say(words, link) {
    said.querySelector("span").textContent = words;
    said.hidden = !words;
    var go = said.querySelector("a");
    go.hidden = !link;
    if (link) go.href = link;
    if (words && !box.open) box.dispatchEvent(new CustomEvent("ems:says", { bubbles: true, detail: words }));
  }

  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-scans]")) open();
  });
  function enter(event) {
    event.preventDefault();
    if (typed.value.trim()) ask(typed.value.trim());
    typed.value = "";
  }
  box.querySelector("[data-enters]").addEventListener("click", enter);
  typed.addEventListener("keydown", function (event) {
    if (event.key === "Enter") enter(event);
  });
})();
