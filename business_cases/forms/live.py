"""What the figures on a form come to, while it is being filled in."""

from business_cases.forms.parts import FiguresForm
from business_cases.panel import Panel, build_panel, typed
from business_cases.projection import Schedule
from business_cases.reports import bounds_on
from records.clock import now


def started(form: FiguresForm) -> FiguresForm:
    """Return a form with its figures read: itself, or one filled in with what it starts with."""
    if not form.is_bound:
        starts = {name: form.get_initial_for_field(form.fields[name], name) for name in form.fields}
        form = FiguresForm(starts, today=form.today)
    form.is_valid()
    return form


def panel_of_form(form: FiguresForm) -> Panel:
    """Return the panel of a form whose figures were read."""
    terms, moment = form.estimate(), now()
    return build_panel(
        Schedule((terms,)) if terms else None,
        typed(terms, moment) if terms else None,
        form.case(),
        form.today,
        bounds_on(form.today, moment),
    )
