import Plotly from "plotly.js/lib/core";
import bar from "plotly.js/lib/bar";
import treemap from "plotly.js/lib/treemap";

Plotly.register([bar, treemap]); // scatter is part of the core
window.Plotly = Plotly;
