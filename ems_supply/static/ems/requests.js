// A request that is being written: an item that is already on it is shown, not added twice.
(function () {
  "use strict";

  document.body.addEventListener("htmx:beforeRequest", function (event) {
    var item = event.target.dataset.adds;
    var line = item && document.querySelector("#lines [data-item='" + item + "']");
    if (!line) return;
    event.preventDefault();
    show(line);
  });

  document.body.addEventListener("htmx:afterSwap", function (event) {
    if (event.target.id === "lines") show(event.target.lastElementChild);
  });

  function show(line) {
    document.getElementById("found").replaceChildren();
    document.getElementById("find-words").value = "";
    line.scrollIntoView({ block: "center" });
    line.querySelector("input").focus({ preventScroll: true });
  }
})();
