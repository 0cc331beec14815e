"""How each way of spending looks on a bill: product codes, usage types, units, who calls.

Shaped as real bills are: Bedrock under its three product codes, tokens in four kinds of lines,
accelerators under plain EC2, names of products that say little.
"""

from collections.abc import Mapping
from dataclasses import dataclass

MARKETPLACE = "AWS Marketplace"
# The price of one unit, in dollars, is made up; the unit's change from 1K to 1M tokens is not.
TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of row: `share` percent of a stream's amount, `price` dollars per `unit`.

    `covered` rows are paid by a savings plan: charged on demand, taken back, and amortised.
    `resource` may name `{account}` and `{name}`.
    """

    share: int
    product_code: str
    product_name: str
    usage_type: str
    operation: str
    unit: str
    price: float
    service_code: str = ""
    billing_entity: str = "AWS"
    charge_type: str = "Usage"
    resource: str = ""
    instance_type: str = ""
    covered: bool = False
    calls: bool = False  # whether rows name the calling principal


PROFILE = "arn:aws:bedrock:us-east-1:{account}:application-inference-profile/{name}"
ENDPOINT = "arn:aws:sagemaker:us-east-1:{account}:endpoint/{name}"
INSTANCE = "arn:aws:ec2:us-east-1:{account}:instance/{name}"
BUCKET = "{name}-{account}"


def _tokens(  # noqa: PLR0917 - a row of the tables below
    share: int,
    code: str,
    name: str,
    usage: str,
    price: float,
    service_code: str = "",
    billing_entity: str = "AWS",
) -> Line:
    return Line(
        share,
        code,
        name,
        usage,
        "InvokeModelInference",
        TOKENS,
        price,
        service_code=service_code or code,
        billing_entity=billing_entity,
        resource=PROFILE,
        calls=True,
    )


def _claude(share: int, kind: str, price: float) -> Line:
    usage = f"USE1-Claude4.6Opus-{kind}-cross-region-global"
    return _tokens(share, "AmazonBedrockService", "Amazon Bedrock Service", usage, price)


def _bedrock(share: int, usage: str, price: float) -> Line:
    return _tokens(share, "AmazonBedrock", "Amazon Bedrock", usage, price)


def _edition(share: int, kind: str, price: float) -> Line:
    """A third-party model sold through AWS Marketplace: its code says nothing, its name does."""
    return _tokens(
        share,
        "8mq2xk4v9r7t1n5c3b6z0w8y2a",
        "Claude Opus 5.5 (Amazon Bedrock Edition)",
        f"USE1-MP:USE1_{kind}-Units",
        price,
        "AmazonBedrockFoundationModels",
        MARKETPLACE,
    )


def _sagemaker(share: int, usage: str, price: float, *, covered: bool = False) -> Line:
    return Line(
        share,
        "AmazonSageMaker",
        "Amazon SageMaker",
        f"USE1-{usage}",
        "RunInstance",
        "Hrs",
        price,
        service_code="AmazonSageMaker",
        resource=ENDPOINT,
        instance_type=usage.partition(":")[2],
        charge_type="SavingsPlanCoveredUsage" if covered else "Usage",
        covered=covered,
    )


def _ec2(share: int, usage: str, price: float, *, covered: bool = False) -> Line:
    return Line(
        share,
        "AmazonEC2",
        "Amazon Elastic Compute Cloud",
        usage,
        "RunInstances",
        "Hrs",
        price,
        service_code="AmazonEC2",
        resource=INSTANCE,
        instance_type=usage.partition(":")[2],
        charge_type="SavingsPlanCoveredUsage" if covered else "Usage",
        covered=covered,
    )


def _other(  # noqa: PLR0917 - a row of the tables below
    share: int, code: str, name: str, usage: str, operation: str, unit: str, price: float
) -> Line:
    return Line(
        share, code, name, usage, operation, unit, price, service_code=code, resource=BUCKET
    )


SERVICES: Mapping[str, tuple[Line, ...]] = {
    # --- AI ---
    "claude": (
        _claude(34, "input-tokens", 0.000005),
        _claude(46, "output-tokens", 0.000025),
        _claude(12, "cache-read-input-token-count", 0.0000005),
        _claude(8, "cache-write-input-token-count", 0.00000625),
    ),
    "nova": (
        _bedrock(40, "USE1-NovaLite-input-tokens", 0.00000006),
        _bedrock(48, "USE1-NovaLite-output-tokens", 0.00000024),
        _bedrock(7, "USE1-NovaLite-cache-read-input-token-count", 0.000000015),
        _bedrock(5, "USE1-NovaPro-input-tokens-batch", 0.0000004),
    ),
    "embeddings": (
        _bedrock(92, "USE1-TitanEmbeddingV2-Text-input-tokens", 0.00000002),
        _bedrock(8, "USE1-TitanEmbeddingV2-Text-input-tokens-batch", 0.00000001),
    ),
    # Models of several makers, each through an application inference profile of its own.
    "profile": (
        _bedrock(22, "USE1-Llama4-Maverick-17B-input-tokens", 0.00000024),
        _bedrock(20, "USE1-Llama4-Maverick-17B-output-tokens", 0.00000097),
        _edition(20, "InputTokenCount", 0.000005),
        _edition(26, "OutputTokenCount", 0.000025),
        _edition(7, "CacheReadInputTokenCount", 0.0000005),
        _edition(5, "CacheWriteInputTokenCount", 0.00000625),
    ),
    "sagemaker": (
        _sagemaker(52, "Host:ml.g5.2xlarge", 1.21, covered=True),
        _sagemaker(22, "Host:ml.g5.2xlarge", 1.515),
        _sagemaker(20, "Train:ml.p4d.24xlarge", 25.25),
        _sagemaker(6, "Notebk:ml.t3.medium", 0.05),
    ),
    "gpu": (
        _ec2(70, "USE1-BoxUsage:p4d.24xlarge", 21.96),
        _ec2(18, "USE1-SpotUsage:g5.12xlarge", 2.1),
        _ec2(12, "USE1-BoxUsage:g6.4xlarge", 1.32),
    ),
    "amazon_q": (
        Line(
            100, "AmazonQ", "Amazon Q", "USE1-AmazonQ-Business-Pro", "UserSubscription",
            "User-Month", 20.0, service_code="AmazonQ", charge_type="FlatRateSubscription",
        ),
    ),
    # Sold through AWS Marketplace; neither code nor name says whether it is AI.
    "marketplace": (
        Line(
            100, "3w7c1y9q5e2r8t4u6i0o1p3a5s", "Quietriver Insight Platform",
            "MP:Quietriver-Units", "MP", "Units", 0.01, billing_entity=MARKETPLACE,
        ),
    ),
    # --- everything else ---
    "compute": (
        _ec2(38, "USE1-BoxUsage:m7i.2xlarge", 0.29, covered=True),
        _ec2(34, "USE1-BoxUsage:m7i.2xlarge", 0.4032),
        _ec2(16, "USE1-SpotUsage:c7g.xlarge", 0.06),
        _other(12, "AmazonEC2", "Amazon Elastic Compute Cloud", "EBS:VolumeUsage.gp3",
               "CreateVolume-Gp3", "GB-Mo", 0.08),
    ),
    "database": (
        _other(76, "AmazonRDS", "Amazon Relational Database Service",
               "InstanceUsage:db.r7g.2xl", "CreateDBInstance:0014", "Hrs", 1.04),
        _other(24, "AmazonRDS", "Amazon Relational Database Service",
               "RDS:GP3-Storage", "CreateDBInstance:0014", "GB-Mo", 0.115),
    ),
    "storage": (
        _other(70, "AmazonS3", "Amazon Simple Storage Service", "TimedStorage-ByteHrs",
               "StandardStorage", "GB-Mo", 0.023),
        _other(30, "AmazonS3", "Amazon Simple Storage Service", "Requests-Tier1",
               "PutObject", "Requests", 0.000005),
    ),
    "functions": (
        _other(100, "AWSLambda", "AWS Lambda", "USE1-Lambda-GB-Second", "Invoke",
               "Lambda-GB-Second", 0.0000166667),
    ),
    "monitoring": (
        _other(60, "AmazonCloudWatch", "AmazonCloudWatch", "USE1-DataProcessing-Bytes",
               "PutLogEvents", "GB", 0.5),
        _other(40, "awskms", "AWS Key Management Service", "us-east-1-KMS-Requests",
               "Decrypt", "Requests", 0.000003),
    ),
    "support": (
        Line(
            100, "AWSSupportBusiness", "AWS Support (Business)", "Dollar", "", "Dollar", 1.0,
            service_code="AWSSupportBusiness", charge_type="Fee",
        ),
    ),
}  # fmt: skip
