"""Every POST of the product: who sends it, from which page, and what is typed.

By the name of the address. A new form adds its line here, or in a module of its part that
`tests.forms.parts` finds, else `test_every_post_is_listed` fails.
"""

from collections.abc import Callable
from dataclasses import replace

from django.db import transaction

from approvals.actions import delegate_approving
from business_cases.actions import merge_names, save_draft, send_to_approval
from notices.models import Mail, Message
from records.actions import take_checkpoint
from records.clock import now, today
from records.models import Checkpoint
from spaces.models import Membership
from tests.approvals.test_deciding import approve
from tests.business_cases.typed import asked
from tests.cast import PASSWORD, SAVING, Cast, added, proposal, submitted
from tests.forms import spend_posts
from tests.forms.pages import WHY, Post
from tests.forms.parts import PARTS
from valueboard.lib.figure import ValueType

REVISED = {"monthly_amount": "10,100", "reason": WHY}


def of_threshold(cast: Cast) -> Post:
    typed = {"value": "1000000", "reason": WHY}
    return Post(cast.adam, "/thresholds/approval.second_above/", typed)


def of_bounds(cast: Cast) -> Post:
    return Post(cast.adam, "/thresholds/bounds/", {"strong": "6", "reason": WHY})


def of_delegation(cast: Cast) -> Post:
    day = f"{today()}"
    typed = {"delegate": f"{cast.felix.pk}", "first_day": day, "last_day": day, "reason": WHY}
    return Post(cast.priya, "/approvals/delegations/new/", typed)


def of_taking_back(cast: Cast) -> Post:
    made = delegate_approving(
        actor=cast.priya, delegate=cast.felix, first_day=today(), last_day=today(), reason=WHY
    )
    return Post(cast.priya, f"/approvals/delegations/{made.pk}/take-back/", {"reason": WHY})


def of_space(cast: Cast) -> Post:
    return Post(cast.adam, "/spaces/new/", {"name": "Legal"})


def of_space_edit(cast: Cast) -> Post:
    return Post(cast.adam, "/spaces/search/edit/", {"name": "Finding"})


def of_workload_edit(cast: Cast) -> Post:
    typed = {"name": "Clause finder", "reason": WHY}
    return Post(cast.olivia, f"/workloads/{added(cast).slug}/edit/", typed)


def of_person_new(cast: Cast) -> Post:
    typed = {"name": "Nina", "email": "nina@example.com", "password": PASSWORD}
    return Post(cast.adam, "/people/new/", typed | {"roles": ["finance"]})


def of_person(cast: Cast) -> Post:
    return Post(cast.adam, f"/people/{cast.sam.pk}/", {"roles": ["finance"], "active": "on"})


def of_membership_add(cast: Cast) -> Post:
    page = f"/people/{cast.sam.pk}/"
    typed = {"space": str(cast.support.pk), "role": "member"}
    return Post(cast.adam, page, typed, f"{page}memberships/")


def of_membership(cast: Cast) -> Post:
    membership = Membership.objects.get(user=cast.mona)
    page = f"/people/{cast.mona.pk}/memberships/{membership.pk}/"
    return Post(cast.adam, page, {"role": "product_owner"})


def of_membership_remove(cast: Cast) -> Post:
    page = of_membership(cast).page
    return Post(cast.adam, page, {"reason": WHY}, f"{page}remove/")


def of_request_new(cast: Cast) -> Post:
    return Post(cast.olivia, "/requests/new/", asked(cast))


def of_request_edit(cast: Cast) -> Post:
    draft = save_draft(actor=cast.olivia, request=None, seen=0, typed={}, space=cast.commerce)
    typed = {name: text for name, text in asked(cast).items() if name != "seen"}
    return Post(cast.olivia, f"/requests/{draft.pk}/edit/", typed)


def of_request_withdraw(cast: Cast) -> Post:
    page = f"/requests/{submitted(cast).pk}/"
    return Post(cast.olivia, page, {}, f"{page}withdraw/")


def of_workload_add(cast: Cast) -> Post:
    typed = {name: text for name, text in asked(cast).items() if name != "seen"}
    return Post(cast.olivia, "/spaces/commerce/add-workload/", typed)


def of_estimate(cast: Cast) -> Post:
    return Post(cast.olivia, f"/workloads/{added(cast).slug}/estimate/", REVISED)


def of_case(cast: Cast) -> Post:
    typed = {"percent": "20", "reason": WHY}
    return Post(cast.olivia, f"/workloads/{added(cast).slug}/case/", typed)


def of_retraction(cast: Cast) -> Post:
    return Post(cast.olivia, f"/workloads/{added(cast).slug}/case/retract/", {"reason": WHY})


def of_decision(cast: Cast) -> Post:
    typed = {"outcome": "approved", "acknowledgement": "agreed", "rationale": WHY}
    return Post(cast.priya, f"/approvals/requests/{submitted(cast).pk}/", typed)


def of_confirmation(cast: Cast) -> Post:
    return Post(cast.priya, f"/approvals/workloads/{added(cast).slug}/", {"rationale": WHY})


def of_comment(cast: Cast) -> Post:
    page = f"/requests/{submitted(cast).pk}/"
    return Post(cast.mona, page, {"text": "Why so dear?"}, f"/approvals{page}comment/")


def of_send(cast: Cast) -> Post:
    return Post(cast.olivia, f"/workloads/{added(cast).slug}/send/", {"note": WHY})


def of_submit_again(cast: Cast) -> Post:
    request = send_to_approval(actor=cast.olivia, workload=added(cast), versions=(1, 1))
    approve(cast.priya, request, outcome="returned", acknowledgement="")
    return Post(cast.olivia, f"/requests/{request.pk}/submit-again/", {"note": WHY})


def _names(cast: Cast) -> str:
    """Have two cases draw on two names, and return the address of a page about one of them."""
    added(cast)
    added(cast, proposal(cast, name="Letters", case=replace(SAVING, anchor="Law firms")))
    return "/names/{}/?type=cost_saving&name=Law+firms"


def of_name_merge(cast: Cast) -> Post:
    return Post(
        cast.felix, _names(cast).format("merge"), {"into": "Outside counsel", "reason": WHY}
    )


def of_name_unmerge(cast: Cast) -> Post:
    page = _names(cast).format("undo")
    merge_names(
        actor=cast.felix,
        value_type=ValueType.COST_SAVING,
        name="Law firms",
        into="Outside counsel",
        seen=0,
        reason=WHY,
    )
    return Post(cast.felix, page, {"reason": WHY})


def _message(cast: Cast) -> Message:
    submitted(cast)
    return Message.objects.get(recipient=cast.priya)


def of_inbox_read(cast: Cast) -> Post:
    _message(cast)
    return Post(cast.priya, "/inbox/", {}, "/inbox/read/")


def of_message_open(cast: Cast) -> Post:
    return Post(cast.priya, "/inbox/", {}, f"/inbox/{_message(cast).pk}/open/")


def of_message_read(cast: Cast) -> Post:
    return Post(cast.priya, "/inbox/", {}, f"/inbox/{_message(cast).pk}/read/")


def of_display(cast: Cast) -> Post:
    typed = {"locale": "en-US", "shortcuts": "on"}
    return Post(cast.olivia, "/settings/", typed, "/settings/display/")


def of_checklist(cast: Cast) -> Post:
    return Post(cast.adam, "/", {}, "/settings/checklist/")


def of_settings(cast: Cast) -> Post:
    return Post(cast.olivia, "/settings/", {"choice": "daily"})


def of_undelivered(cast: Cast) -> Post:
    _message(cast)
    Mail.objects.update(state=Mail.State.DEAD, tried_at=now())
    return Post(cast.adam, "/mail/undelivered/", {}, "/mail/undelivered/again/")


def of_checkpoint(cast: Cast) -> Post:
    return Post(cast.felix, "/records/", {}, "/records/checkpoint/")


def of_restored(cast: Cast) -> Post:
    with transaction.atomic():
        submitted(cast)
        take_checkpoint(actor=None, kind=Checkpoint.Kind.DAILY)
        transaction.set_rollback(True)
    return Post(cast.adam, "/records/", {"reason": WHY}, "/records/restored/")


POSTS: dict[str, Callable[[Cast], Post]] = {
    "threshold-set": of_threshold,
    "bounds-set": of_bounds,
    "delegation-new": of_delegation,
    "delegation-take-back": of_taking_back,
    "space-new": of_space,
    "space-edit": of_space_edit,
    "workload-edit": of_workload_edit,
    "person-new": of_person_new,
    "person": of_person,
    "membership-add": of_membership_add,
    "membership": of_membership,
    "membership-remove": of_membership_remove,
    "request-new": of_request_new,
    "request-edit": of_request_edit,
    "request-withdraw": of_request_withdraw,
    "request-comment": of_comment,
    "request-submit-again": of_submit_again,
    "workload-send": of_send,
    "workload-add": of_workload_add,
    "estimate-revise": of_estimate,
    "case-revise": of_case,
    "case-retract": of_retraction,
    "decide": of_decision,
    "confirm-estimate": of_confirmation,
    "name-merge": of_name_merge,
    "name-unmerge": of_name_unmerge,
    "export-new": spend_posts.of_export_new,
    "export": spend_posts.of_export,
    "load-ask": spend_posts.of_load,
    "rule-new": spend_posts.of_rule_new,
    "rule": spend_posts.of_rule,
    "rule-retire": spend_posts.of_rule_retire,
    "rate-new": spend_posts.of_rate_new,
    "rate": spend_posts.of_rate,
    "rule-draft-new": spend_posts.of_draft_new,
    "rule-draft-change": spend_posts.of_draft_change,
    "rule-draft-retire": spend_posts.of_draft_retire,
    "rule-drafted": spend_posts.of_drafted,
    "rule-drafted-remove": spend_posts.of_drafted_remove,
    "rule-draft-run": spend_posts.of_draft_run,
    "signal-new": spend_posts.of_signal_new,
    "signal": spend_posts.of_signal,
    "month-close": spend_posts.of_month_close,
    "month-reopen": spend_posts.of_month_reopen,
    "month-counting": spend_posts.of_month_counting,
    "adjustment": spend_posts.of_adjustment,
    "basis": spend_posts.of_basis,
    "inbox-read": of_inbox_read,
    "message-open": of_message_open,
    "message-read": of_message_read,
    "settings": of_settings,
    "settings-display": of_display,
    "checklist-dismiss": of_checklist,
    "undelivered-again": of_undelivered,
    "checkpoint-take": of_checkpoint,
    "restored-say": of_restored,
}
# They compute and keep nothing.
PREVIEWS = {"request-panel"}
for part in PARTS:
    POSTS |= getattr(part, "POSTS", {})
    PREVIEWS |= getattr(part, "PREVIEWS", set())
# allauth's: nobody is signed in yet, or the answer is the same the second time by itself.
SIGN_IN = {
    "account_login",
    "account_logout",
    "account_change_password",
    "account_reset_password",
    "account_reset_password_from_key",
}
