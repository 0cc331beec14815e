"""The people and the Spaces of the demo organisation. Every name is made up."""

from demo.plan.values import Person, PlannedSpace

PRIYA, NOOR, FELIX, ERIN, ADAM = "priya", "noor", "felix", "erin", "adam"
OLIVIA, SOFIA, OSCAR, OMAR, LENA, CORA = "olivia", "sofia", "oscar", "omar", "lena", "cora"
MONA, SAM, TESS = "mona", "sam", "tess"

COMMERCE = "Commerce"
SEARCH = "Search and Discovery"
SUPPORT = "Customer Support"
OPERATIONS = "Operations"
LOGISTICS = "Logistics"
CORPORATE = "Corporate Functions"

SPACES = (
    PlannedSpace(COMMERCE, "100000000101"),
    PlannedSpace(SEARCH, "100000000102", parent=COMMERCE),
    PlannedSpace(SUPPORT, "100000000201"),
    PlannedSpace(OPERATIONS, "100000000301"),
    PlannedSpace(LOGISTICS, "100000000302", parent=OPERATIONS),
    PlannedSpace(CORPORATE, "100000000401"),
)

# Accounts beside those of the Spaces.
PAYER = "100000000001"
PLANT = "100000000303"  # of one workload alone, so that a rule by account finds it
SANDBOX = "100000000901"
# An office that joined with an AWS organisation of its own, billed in its own currency.
INDIA_PAYER, INDIA = "100000000501", "100000000502"

PEOPLE = {
    ADAM: Person("Adam Quillfeather", roles=("administrator",)),
    PRIYA: Person("Priya Lanternfield", roles=("financial_admin",)),
    NOOR: Person(
        "Noor Applewick",
        roles=("financial_admin",),
        owns=(CORPORATE,),
        remark="can't decide on what she wrote or owns",
    ),
    FELIX: Person("Felix Thistledown", roles=("finance",)),
    ERIN: Person("Erin Cobblestone", roles=("executive",)),
    OLIVIA: Person("Olivia Meadowlark", owns=(COMMERCE,)),
    SOFIA: Person("Sofia Willowglen", owns=(SEARCH,)),
    OSCAR: Person("Oscar Pebbleworth", owns=(SUPPORT,)),
    OMAR: Person("Omar Tidewhistle", owns=(OPERATIONS,)),
    LENA: Person("Lena Harrowbell", owns=(LOGISTICS,)),
    TESS: Person(
        "Tess Barleycorn",
        owns=(LOGISTICS,),
        remark="has left it; what she owned there has nobody",
    ),
    CORA: Person("Cora Bramblewood", owns=(CORPORATE,)),
    MONA: Person("Mona Foxmeadow", reads=(COMMERCE,)),
    SAM: Person("Sam Driftwood", remark="belongs to no Space and must see nothing"),
}
