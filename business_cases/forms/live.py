"""What the figures on a form come to, while it is being filled in."""

from accounts.models import User
from business_cases.claims import Claims, claims_on
from business_cases.forms.parts import CaseFields, FiguresForm
from business_cases.names import Known
from business_cases.panel import Panel, build_panel, typed
from business_cases.projection import Schedule
from business_cases.reports import bounds_on
from records.clock import now
from spaces.models import Workload
from valueboard.lib.figure import ValueType


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


def claims_of_form(
    form: CaseFields, user: User, workload: Workload | None, known: Known | None = None
) -> Claims | None:
    """Return what current cases claim of the name on a form, the form's own case among them.

    None until a value type is chosen and a name typed. `workload` is the one that the form is of.
    """
    given = getattr(form, "cleaned_data", {})
    name, value_type = given.get("anchor", ""), given.get("value_type", "")
    if not (name and value_type):
        return None
    return claims_on(user, ValueType(value_type), name, form.case(), workload, known or now())
