// The grid of stations and items: arrows go from cell to cell, a block from a spreadsheet is pasted, Ctrl+Z takes back.
(function () {
  "use strict";
  var form = document.querySelector("[data-grid]");
  if (!form) return;
  var label = form.querySelector("[data-looks]"), undo = form.querySelector("[data-undoes]");
  var done = []; // what each step changed: pairs of a cell and what it held before
  var isSent = false;

  function rows() {
    return Array.from(form.querySelectorAll("tbody tr")).map(function (row) {
      return Array.from(row.querySelectorAll("input[name^=cell-]"));
    });
  }

  function cells() { return Array.from(form.querySelectorAll("input[name^=cell-]")); }

  function isChanged(cell) { return cell.value.trim() !== cell.defaultValue; }

  function tally() {
    var changed = cells().filter(isChanged), words = label.dataset.looks.split("|");
    cells().forEach(function (cell) { cell.classList.toggle("is-changed", isChanged(cell)); });
    label.textContent = changed.length ? words[changed.length === 1 ? 0 : 1].replace("#", changed.length) : words[2];
    undo.disabled = done.length === 0;
  }

  function put(pairs) {
    var step = [];
    pairs.forEach(function (pair) {
      if (pair[0].value === pair[1]) return;
      step.push([pair[0], pair[0].value]);
      pair[0].value = pair[1];
      pair[0].dataset.before = pair[1];
    });
    if (step.length) done.push(step);
    tally();
  }

  function back() {
    var step = done.pop();
    if (!step) return;
    step.forEach(function (pair) {
      pair[0].value = pair[1];
      pair[0].dataset.before = pair[1];
    });
    step[0][0].focus();
    tally();
  }

  form.addEventListener("focusin", function (event) {
    if (event.target.matches("input[name^=cell-]")) event.target.dataset.before = event.target.value;
  });
  form.addEventListener("change", function (event) {
    var cell = event.target;
    if (!cell.matches("input[name^=cell-]")) return;
    done.push([[cell, cell.dataset.before]]);
    cell.dataset.before = cell.value;
    tally();
  });
  form.addEventListener("input", tally);

  form.addEventListener("paste", function (event) {
    var text = event.clipboardData.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "");
    if (!event.target.matches("input[name^=cell-]") || !/[\t\n]/.test(text)) return;
    event.preventDefault();
    var all = rows(), top = all.findIndex(function (row) { return row.includes(event.target); });
    var left = all[top].indexOf(event.target), pairs = [];
    text.split("\n").forEach(function (line, down) {
      line.split("\t").forEach(function (value, across) {
        var cell = (all[top + down] || [])[left + across];
        if (cell && value.trim()) pairs.push([cell, value.trim()]);
      });
    });
    put(pairs);
  });

  form.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && done.length) {
      event.preventDefault();
      document.activeElement.blur(); // what is being typed is a step of its own
      return back();
    }
    var step = { ArrowDown: 1, Enter: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches("input[name^=cell-]")) return;
    event.preventDefault();
    var all = rows(), at = all.findIndex(function (row) { return row.includes(event.target); });
    var next = (all[at + step] || [])[all[at].indexOf(event.target)];
    if (next) {
      next.focus();
      next.select();
    }
  });
  undo.addEventListener("click", back);
  form.addEventListener("submit", function () {
    isSent = true;
    // Only what changed is sent: a page of cells is more than a form may hold.
    cells().filter(function (cell) { return !isChanged(cell); }).forEach(function (cell) {
      cell.disabled = cell.previousElementSibling.disabled = true;
    });
  });
  window.addEventListener("pageshow", function () {
    isSent = false;
    form.querySelectorAll("input:disabled").forEach(function (input) { input.disabled = false; });
    tally();
  });
  window.addEventListener("beforeunload", function (event) {
    if (!isSent && cells().some(isChanged)) event.preventDefault();
  });
  tally();
})();
