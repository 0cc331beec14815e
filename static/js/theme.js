// Runs before the first paint: marks that scripts run, and applies the remembered theme.
// Without a choice the system decides, in CSS alone.
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.bsTheme = theme;
  }
} catch {
  // Storage is refused (private windows): the system decides.
}
