// What is accepted follows from what is damaged or missing; the button says what it will do; photos are made small here.
(function () {
  "use strict";
  var form = document.querySelector("form[data-receipt]");
  var button = form && form.querySelector("[data-all-right]");
  if (!button) return; // it can no longer be received: what was typed is only shown

  function number(input) {
    return Math.max(Number(input.value) || 0, 0);
  }

  function say() {
    var differing = 0;
    form.querySelectorAll("[data-sent]").forEach(function (line) {
      var wrong = 0;
      line.querySelectorAll("input[type=number]").forEach(function (input) { wrong += number(input); });
      var accepted = Math.max(Number(line.dataset.sent) - wrong, 0);
      line.querySelector("[data-accepted]").textContent = accepted.toLocaleString(document.documentElement.lang);
      line.classList.toggle("is-differing", wrong > 0);
      if (wrong > 0) differing += 1;
    });
    button.querySelector("span").textContent = differing
      ? button.dataset.differs.replace("#", String(differing))
      : button.dataset.allRight;
  }

  form.addEventListener("input", say);
  say();

  // --- Photos ---------------------------------------------------------------------------------------------------------

  var LONGEST = 1600, QUALITY = 0.8;
  var held = new Map(); // the files of each field: a camera gives one at a time, and the field forgets those before it

  // Small enough for a bad signal and for the outbox. What the browser cannot read goes as it is: the server says why not.
  async function small(file) {
    try {
      var picture = await createImageBitmap(file);
      var scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
      var canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      var pen = canvas.getContext("2d");
      pen.fillStyle = "#fff"; // what is clear in a PNG would be black
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      var drawn = await new Promise(function (done) { canvas.toBlob(done, "image/jpeg", QUALITY); });
      return new File([drawn], "photo.jpg", { type: "image/jpeg" });
    } catch (error) {
      return file;
    }
  }

  function hold(box, files) {
    var input = box.querySelector("input"), said = box.querySelector("[data-photos-said]"), most = Number(box.dataset.photos);
    var kept = new DataTransfer();
    files.forEach(function (file) { kept.items.add(file); });
    held.set(input, files);
    input.files = kept.files;
    said.textContent = files.length === 1 ? said.dataset.one : files.length ? said.dataset.more.replace("#", String(files.length)) : "";
    box.querySelector("[data-photos-clear]").hidden = !files.length;
    box.querySelector("label").hidden = files.length >= most;
  }

  form.addEventListener("change", async function (event) {
    var box = event.target.type === "file" && event.target.closest("[data-photos]");
    if (!box) return;
    var before = held.get(event.target) || [], chosen = Array.from(event.target.files);
    button.disabled = true;
    var made = await Promise.all(chosen.map(small));
    button.disabled = false;
    hold(box, before.concat(made).slice(0, Number(box.dataset.photos)));
  });

  form.addEventListener("click", function (event) {
    var clear = event.target.closest("[data-photos-clear]");
    if (!clear) return;
    var box = clear.closest("[data-photos]");
    hold(box, []);
    box.querySelector("input").focus();
  });

  // An empty field is sent as an empty file, for each line: left out.
  form.addEventListener("formdata", function (event) {
    form.querySelectorAll("input[type=file]").forEach(function (input) {
      if (!input.files.length) event.formData.delete(input.name);
    });
  });
})();
