// Small lines of twelve weeks in the tiles: one hue, a dashed target, the newest point marked. The table is beneath.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("trends").textContent);
  var charts = [];

  function colour(name) {
    // The tokens are light-dark() pairs: let the browser work them out on an element.
    var probe = document.createElement("span");
    probe.className = "tone-" + name;
    document.body.append(probe);
    probe.style.color = "var(--" + name + ")";
    var worked = getComputedStyle(probe).color;
    probe.remove();
    return worked;
  }

  function line(trend) {
    var last = trend.numbers.length - 1;
    var sets = [{
      data: trend.numbers,
      borderColor: colour("accent"),
      backgroundColor: colour("accent"),
      borderWidth: 2,
      tension: 0.25,
      spanGaps: true,
      pointRadius: trend.numbers.map(function (_, index) { return index === last ? 3.5 : 0; }),
      pointHitRadius: 12
    }];
    if (trend.target !== null) {
      sets.push({
        data: trend.numbers.map(function () { return trend.target; }),
        borderColor: colour("quiet"),
        borderWidth: 1,
        borderDash: [4, 4],
        pointRadius: 0,
        pointHitRadius: 0
      });
    }
    return sets;
  }

  function draw(canvas) {
    var trend = data[canvas.dataset.trend];
    if (!trend) return;
    charts.push(new Chart(canvas, {
      type: "line",
      data: { labels: trend.days, datasets: line(trend) },
      options: {
        animation: false,
        maintainAspectRatio: false,
        layout: { padding: 5 },
        interaction: { mode: "index", intersect: false },
        scales: { x: { display: false }, y: { display: false, grace: "8%" } },
        plugins: {
          legend: { display: false },
          tooltip: {
            displayColors: false,
            callbacks: {
              label: function (point) {
                return point.datasetIndex ? "Target " + point.formattedValue : point.formattedValue + " " + trend.unit;
              }
            }
          }
        }
      }
    }));
  }

  function drawAll() {
    charts.splice(0).forEach(function (chart) { chart.destroy(); });
    document.querySelectorAll("canvas[data-trend]").forEach(draw);
  }

  drawAll();
  new MutationObserver(drawAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
