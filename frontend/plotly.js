import Plotly from "plotly.js/lib/core";
import bar from "plotly.js/lib/bar";

Plotly.register([bar]); // scatter is part of the core
window.Plotly = Plotly;
