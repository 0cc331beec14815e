"""The marks by which AI spend is recognised, each with where it was seen; and one tag key."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CODE, NAME, USAGE = "product_code", "product_name", "usage_type"
REASON = "Delivered with the product."
UNCONFIRMED = "Not confirmed in real data: look at a bill of yours, then switch it on."

SIGNALS = [
    (CODE, "AmazonBedrock", "Nova, Titan, openly licensed models, older Claude; seen in data."),
    (CODE, "AmazonBedrockService", "Newer Claude through inference profiles; seen in data."),
    (CODE, "AmazonBedrockFoundationModels", "Service code of third-party models in price lists."),
    (CODE, "AmazonBedrockAgentCore", "Bedrock AgentCore."),
    (NAME, "*(Amazon Bedrock Edition)*", "Third-party models sold through AWS Marketplace."),
    (USAGE, "*-MP:*TokenCount*", "Tokens of third-party models sold through AWS Marketplace."),
    (USAGE, "*-MP:*_tokens_*", "Tokens of third-party models sold through AWS Marketplace."),
    (USAGE, "*-MP:*CacheRead*", "Cached tokens of models sold through AWS Marketplace."),
    (USAGE, "*-MP:*CacheWrite*", "Cached tokens of models sold through AWS Marketplace."),
    (CODE, "AmazonSageMaker", "In AWS's query library."),
    (CODE, "AmazonRekognition", "In AWS's query library."),
    (CODE, "AmazonTextract", "In AWS's query library."),
    (CODE, "Kiro", "Flat-rate subscriptions; seen in data."),
    (CODE, "DevOpsAgent", "Seen in data."),
    *(
        (USAGE, f"*:{family}.*", "GPU or accelerator instances of this family.")
        for family in ("p2", "p3*", "p4*", "p5*", "p6*", "g3*", "g4*", "g5*", "g6*", "g7*")
    ),
    (USAGE, "*:inf?.*", "Inferentia instances."),
    (USAGE, "*:trn*.*", "Trainium instances."),
]
SWITCHED_OFF = [
    *(
        (CODE, code, UNCONFIRMED)
        for code in (
            "AmazonQ",
            "comprehend",
            "transcribe",
            "translate",
            "AmazonPolly",
            "AmazonLex",
            "AmazonKendra",
            "AmazonPersonalize",
        )
    ),
    (
        CODE,
        "AmazonES",
        "OpenSearch: vector search and plain search alike. Switch it on where it serves AI alone.",
    ),
    (NAME, "*Claude Platform*", UNCONFIRMED),
]


def seed(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - Django's signature
    """Add the signals and the tag key, into an empty table each."""
    heads = apps.get_model("cur_ingest", "Signal").objects
    versions = apps.get_model("cur_ingest", "SignalVersion").objects
    for active, signals in ((True, SIGNALS), (False, SWITCHED_OFF)):
        for field, pattern, note in signals:
            versions.create(
                signal=heads.create(),
                field=field,
                pattern=pattern,
                active=active,
                note=note,
                reason=REASON,
            )
    apps.get_model("cur_ingest", "TagKey").objects.create(key="workload")


class Migration(migrations.Migration):
    dependencies = [("cur_ingest", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
