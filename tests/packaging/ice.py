"""Microsoft's published rules for an MSI (internal consistency evaluators, ICE), as far as its tables show whether they are kept.

`judge(msi)` gives (rule, complaint) for each fault. The tables come from msiinfo. The evaluators themselves run on Windows alone: this is a reading of
what learn.microsoft.com/windows/win32/msi/ice-reference says of each, and of the pages on the tables and the data types.
"""
import collections, os, re, subprocess, tempfile

class Table:
    def __init__(self, text):
        lines = [line.split("\t") for line in text.replace("\r", "").split("\n") if line]
        self.columns, self.types, (self.name, *self.keys) = lines[0], lines[1], lines[2]
        self.rows = [dict(zip(self.columns, line + [""] * (len(self.columns) - len(line)))) for line in lines[3:]]
    def column(self, name): return [row[name] for row in self.rows]
    def type(self, name): return self.types[self.columns.index(name)]

def read(msi):
    path = os.path.abspath(msi)
    with tempfile.TemporaryDirectory() as folder:       # msiinfo writes what is binary beside itself
        def told(*words): return subprocess.run(("msiinfo", *words), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True, cwd=folder).stdout.decode()
        return {name: Table(told("export", path, name)) for name in told("tables", path).split() if name not in ("_SummaryInformation", "_ForceCodepage")}

RULES = []
def rule(function):
    RULES.append(function)
    return function

def judge(msi):
    tables = read(msi)
    return [(function.__name__.upper(), complaint) for function in RULES for complaint in function(tables)]

# ---- data types

IDENTIFIER = r"[A-Za-z_][\w.]*"
LONG, SHORT = r'[^\\/?|<>:*"]+', r'[^\\/?|<>:*"+,;=\[\] .]{1,8}(\.[^\\/?|<>:*"+,;=\[\] .]{1,3})?'
FILENAME = rf"{SHORT}(\|{LONG})?"
TYPES = {name: re.compile(pattern, re.A | re.S) for name, pattern in {
    "Identifier": IDENTIFIER, "Property": IDENTIFIER, "UpperCase": r"[A-Z_][A-Z0-9_.]*", "Guid": r"\{[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}\}",
    "Version": r"\d{1,5}(\.\d{1,5}){0,3}", "Language": r"\d{1,5}(,\d{1,5})*", "Filename": FILENAME, "DefaultDir": rf"\.|{FILENAME}", "RegPath": r"[^\\].*[^\\]",
    "Cabinet": rf"#{IDENTIFIER}|{SHORT}", "CustomSource": IDENTIFIER, "Condition": ".+", "Text": ".+", "Formatted": ".+", "Binary": ".+"}.items()}

def fits(rules, row, tables):
    """A complaint on one value, or None."""
    value, category = row[rules["Column"]], rules["Category"]
    if not value: return None if rules["Nullable"] == "Y" else "is empty"
    if rules["Set"] and value not in rules["Set"].split(";"): return "is none of the set"
    if rules["MinValue"] and not int(rules["MinValue"]) <= int(value) <= int(rules["MaxValue"]): return "is out of bounds"
    if rules["Table"] == "_Validation": return None          # lists and texts of its own
    if category == "DefaultDir" and not row["Directory_Parent"]: category = "Identifier"     # the root: a property's name
    if category and not TYPES[category].fullmatch(value): return f"is no {category}"
    if rules["KeyTable"] and category != "Version" and not any(value in tables[name].column(tables[name].columns[int(rules["KeyColumn"]) - 1]) for name in rules["KeyTable"].split(";")):
        return f"is no key of {rules['KeyTable']}"

@rule
def ice03(tables):
    """Values: by the _Validation table, which knows every column."""
    known = {(row["Table"], row["Column"]): row for row in tables["_Validation"].rows} if "_Validation" in tables else {}
    for table in tables.values():
        for column in table.columns:
            if (table.name, column) not in known:
                yield f"{table.name}.{column} is not in _Validation"
                continue
            for row in table.rows:
                complaint = fits(known[table.name, column], row, tables)
                if complaint: yield f"{table.name}.{column} {row[column]!r} {complaint}"
            if table.type(column)[0].isupper() != (known[table.name, column]["Nullable"] == "Y"): yield f"{table.name}.{column}: may it be empty?"

@rule
def ice06(tables):
    """Columns that _Validation knows are there, and the tables that it names."""
    for row in tables["_Validation"].rows if "_Validation" in tables else ():
        if row["Table"] not in tables or row["Column"] not in tables[row["Table"]].columns: yield f"{row['Table']}.{row['Column']} is not there"
        for name in filter(None, row["KeyTable"].split(";")):
            if name not in tables: yield f"{row['Table']}.{row['Column']} is a key of {name}, which is not there"

@rule
def ice04(tables):
    last = max(map(int, tables["Media"].column("LastSequence")))
    for row in tables["File"].rows:
        if int(row["Sequence"]) > last: yield f"{row['File']} lies behind the last file of the medium"

@rule
def ice08(tables): yield from repeated(tables["Component"].column("ComponentId"), "is the code of two components")

@rule
def ice18(tables):
    """An empty KeyPath would be the folder, which CreateFolder then has to have."""
    for row in tables["Component"].rows:
        if not row["KeyPath"]: yield f"{row['Component']} has no key path"

@rule
def ice21(tables):
    for name in set(tables["Component"].column("Component")) - set(tables["FeatureComponents"].column("Component_")): yield f"{name} is in no feature"

def properties(tables): return {row["Property"]: row["Value"] for row in tables["Property"].rows}

@rule
def ice24(tables):
    given = properties(tables)
    for name, pattern in (("ProductCode", TYPES["Guid"].pattern), ("UpgradeCode", TYPES["Guid"].pattern), ("ProductVersion", r"\d+\.\d+\.\d+"), ("ProductLanguage", r"\d+"), ("Manufacturer", ".+"), ("ProductName", ".+")):
        if not re.fullmatch(pattern, given.get(name, "")): yield f"{name} is {given.get(name)!r}"
    parts = [int(part) for part in given.get("ProductVersion", "0").split(".") if part.isdigit()]
    if any(part > most for part, most in zip(parts, (255, 255, 65535))): yield f"ProductVersion {given['ProductVersion']} is too large"

REQUIRED = {
    "InstallExecuteSequence": "CostInitialize FileCost CostFinalize InstallValidate InstallInitialize ProcessComponents UnpublishFeatures RegisterUser RegisterProduct PublishFeatures PublishProduct InstallFinalize",
    "InstallUISequence": "CostInitialize FileCost CostFinalize ExecuteAction", "AdminUISequence": "CostInitialize FileCost CostFinalize ExecuteAction",
    "AdminExecuteSequence": "CostInitialize FileCost CostFinalize InstallValidate InstallInitialize InstallAdminPackage InstallFiles InstallFinalize",
    "AdvtExecuteSequence": "CostInitialize CostFinalize InstallValidate InstallInitialize PublishFeatures PublishProduct InstallFinalize"}

@rule
def ice26(tables):
    for table, actions in REQUIRED.items():
        for action in set(actions.split()) - set(tables[table].column("Action")): yield f"{table} lacks {action}"

def places(tables, table="InstallExecuteSequence"): return {row["Action"]: int(row["Sequence"]) for row in tables[table].rows}

ORDER = "CostInitialize FileCost CostFinalize InstallValidate InstallInitialize ProcessComponents UnpublishFeatures RemoveFiles InstallFiles RegisterUser RegisterProduct PublishFeatures PublishProduct InstallFinalize"

@rule
def ice27(tables):
    at = places(tables)
    there = [at[action] for action in ORDER.split() if action in at]
    if there != sorted(there): yield "standard actions are out of their order"

def repeated(values, why):
    for value, count in collections.Counter(values).items():
        if count > 1: yield f"{value} {why}"

@rule
def ice30(tables):
    """In each folder, by short names and by long ones."""
    where = {row["Component"]: row["Directory_"] for row in tables["Component"].rows}
    for part in (0, -1): yield from repeated([where.get(row["Component_"], "?") + "/" + row["FileName"].split("|")[part].upper() for row in tables["File"].rows], "is there twice")

@rule
def ice32(tables):
    """A foreign key is as wide as the key. File.Version may also be the key of a File."""
    for row in tables["_Validation"].rows if "_Validation" in tables else ():
        for name in filter(tables.get, filter(None, row["KeyTable"].split(";"))):
            mine, its = tables[row["Table"]].type(row["Column"]), tables[name].types[int(row["KeyColumn"]) - 1]
            if mine.lower() != its.lower(): yield f"{row['Table']}.{row['Column']} is {mine}, its key {its}"

@rule
def ice40(tables):
    if "REINSTALLMODE" in properties(tables): yield "REINSTALLMODE is defined in the Property table"

@rule
def ice52(tables):
    for name in tables["AppSearch"].column("Property"):
        if name != name.upper(): yield f"{name}, which AppSearch sets, is not public"

@rule
def ice60(tables):
    """Versions have a language, and hashes are for files without a version (MsiFileHash)."""
    for row in tables["File"].rows:
        hashed = row["File"] in tables["MsiFileHash"].column("File_")
        if row["Version"] and not row["Language"]: yield f"{row['File']} has a version without a language"
        if bool(row["Version"]) == hashed: yield f"{row['File']} has {'both a version and a hash' if hashed else 'neither a version nor a hash'}"

@rule
def ice63(tables):
    """RemoveExistingProducts: after InstallInitialize, before any action of the script, or at the end."""
    at = places(tables)
    between = [action for action, place in at.items() if at["InstallInitialize"] < place < at["RemoveExistingProducts"]]
    if at["RemoveExistingProducts"] < at["InstallValidate"] or between and at["RemoveExistingProducts"] < at["InstallFinalize"]: yield f"RemoveExistingProducts is behind {between}"

@rule
def ice77(tables):
    at = places(tables)
    for row in tables["CustomAction"].rows:
        if int(row["Type"]) & 0x400 and row["Action"] in at and not at["InstallInitialize"] < at[row["Action"]] < at["InstallFinalize"]: yield f"{row['Action']} is of the script, but outside it"

@rule
def ice68(tables):
    """Types of custom actions: a DLL in Binary, or a property; options that such a type can have."""
    for row in tables["CustomAction"].rows:
        base, source = int(row["Type"]) & 0x3f, row["Source"]
        if base not in (1, 51): yield f"{row['Action']} has the type {base}"
        if base == 1 and source not in tables["Binary"].column("Name"): yield f"{row['Action']} has no DLL {source}"
        if base == 51 and int(row["Type"]) != 51: yield f"{row['Action']}: a property is not set in the script"

@rule
def ice82(tables): yield from repeated([place for place in places(tables).values() if place > 0], "is the number of two actions in InstallExecuteSequence")
