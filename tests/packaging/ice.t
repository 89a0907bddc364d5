#!/usr/bin/python3
"""The MSI by Microsoft's published rules (ice.py), and packages that break them, one rule each. The evaluators of Windows' SDK have never seen it."""
import sys; sys.path.insert(0, sys.path[0] + "/../lib")
import os, shutil

from commands import run
from ice import RULES, judge, read
from package import lay_out
from tap import check, run as run_tests, same, test

WORK = "build/tmp/ice"
MSI = WORK + "/sound.msi"

def broken(*queries):
    """Rules that complain of the package after this."""
    msi = WORK + "/broken.msi"
    shutil.copy(MSI, msi)
    for query in queries:
        code, said = run("msibuild", msi, "-q", query)
        assert code == 0 and not said, (query, said)
    return {rule for rule, _ in judge(msi)}

def update(table, values, where): return f"UPDATE `{table}` SET {values} WHERE {where}"
DLL, SCHEMA = "`File` = 'F.certwitness_dll'", "`File` = 'F.journal_schema_json'"

FAULTS = [
    ("ICE03", "no table _Validation", "DROP TABLE `_Validation`"),
    ("ICE03", "a column that _Validation does not know", "DELETE FROM `_Validation` WHERE `Table` = 'File' AND `Column` = 'Language'"),
    ("ICE03", "a long name of a file without a short one", update("File", "`FileName` = 'journal.schema.json'", SCHEMA)),
    ("ICE03", "a long name of a folder without a short one", update("Directory", "`DefaultDir` = 'CertWitness'", "`Directory` = 'INSTALLDIR'")),
    ("ICE03", "a short name with a blank", update("File", "`FileName` = 'JOUR ~1.JSO|journal.schema.json'", SCHEMA)),
    ("ICE03", "a component in a folder that is not there", update("Component", "`Directory_` = 'NOWHERE'", "`Component` = 'C.certwitness_dll'")),
    ("ICE03", "a code in small letters", update("Component", "`ComponentId` = '{abe25d8f-cd28-5542-aea5-98c57b5b1496}'", "`Component` = 'C.certwitness_dll'")),
    ("ICE03", "a number out of bounds", update("RegLocator", "`Root` = 7", "`Signature_` = 'WindowsBuild'")),
    ("ICE03", "a feature with odd attributes", update("Feature", "`Attributes` = 3", "`Feature` = 'Complete'")),
    ("ICE03", "a version that is none", update("File", "`Version` = '0.1.x'", DLL)),
    ("ICE04", "a file behind the medium's end", update("File", "`Sequence` = 999", DLL)),
    ("ICE06", "a table that is not there", "DROP TABLE `Icon`"),
    ("ICE08", "two components with one code", update("Component", "`ComponentId` = '{ABE25D8F-CD28-5542-AEA5-98C57B5B1496}'", "`Directory_` = 'INTEGRATIONS'")),
    ("ICE18", "a component without a key path", update("Component", "`KeyPath` = ''", "`Component` = 'C.certwitness_dll'")),
    ("ICE21", "a component in no feature", "DELETE FROM `FeatureComponents` WHERE `Component_` = 'C.certwitness_dll'"),
    ("ICE24", "a version of four parts", update("Property", "`Value` = '0.1.0.0'", "`Property` = 'ProductVersion'")),
    ("ICE24", "a version that is too large", update("Property", "`Value` = '256.0.0'", "`Property` = 'ProductVersion'")),
    ("ICE26", "no PublishProduct", "DELETE FROM `InstallExecuteSequence` WHERE `Action` = 'PublishProduct'"),
    ("ICE27", "files before costs are known", update("InstallExecuteSequence", "`Sequence` = 850", "`Action` = 'InstallFiles'")),
    ("ICE30", "one short name for two files", update("File", "`FileName` = 'CERTWI~1.DLL|certwitness_page.dll'", "`File` = 'F.certwitness_page_dll'")),
    ("ICE30", "one long name for two files", update("File", "`FileName` = 'CERTWI~2.DLL|CertWitness.dll'", "`File` = 'F.certwitness_page_dll'")),
    ("ICE40", "REINSTALLMODE in the Property table", "INSERT INTO `Property` (`Property`, `Value`) VALUES ('REINSTALLMODE', 'amus')"),
    ("ICE52", "a search for a private property", "DELETE FROM `AppSearch`", "INSERT INTO `AppSearch` (`Property`, `Signature_`) VALUES ('WindowsBuild', 'WindowsBuild')"),
    ("ICE60", "a version without a language", update("File", "`Language` = ''", DLL)),
    ("ICE60", "a hash of a file with a version", "INSERT INTO `MsiFileHash` (`File_`, `Options`, `HashPart1`, `HashPart2`, `HashPart3`, `HashPart4`) VALUES ('F.certwitness_dll', 0, 1, 2, 3, 4)"),
    ("ICE63", "the old version removed amid the script", update("InstallExecuteSequence", "`Sequence` = 3600", "`Action` = 'RemoveExistingProducts'")),
    ("ICE68", "a custom action with another DLL", update("CustomAction", "`Source` = 'Other'", "`Action` = 'Add'")),
    ("ICE77", "a deferred action before the script begins", update("InstallExecuteSequence", "`Sequence` = 1450", "`Action` = 'Add'")),
    ("ICE82", "two actions at one place", update("InstallExecuteSequence", "`Sequence` = 1010", "`Action` = 'SetAddAll'")),
]

@test
def the_package_keeps_the_rules():
    for rule, complaint in judge(MSI): check(False, f"{rule}: {complaint}")

@test
def a_package_that_breaks_a_rule_is_found():
    sound = {rule for rule, _ in judge(MSI)}
    for rule, what, *queries in FAULTS:
        found = broken(*queries) - sound
        check(rule in found, f"{what}: {sorted(found)} instead of {rule}")
    same(sorted({function.__name__.upper() for function in RULES} - {rule for rule, *_ in FAULTS}), ["ICE32"], "rules that no fault here shows")

@test
def a_foreign_key_of_another_width_is_found():
    idt = WORK + "/Environment.idt"
    with open(idt, "w", newline="") as table:
        table.write("Environment\tName\tValue\tComponent_\r\ns72\tl255\tL255\ts64\r\nEnvironment\tEnvironment\r\nPath\t=-*PATH\t[~];[INSTALLDIR]\tC.certwitness_exe\r\n")
    shutil.copy(MSI, WORK + "/broken.msi")
    for words in (("-q", "DROP TABLE `Environment`"), ("-i", idt)):
        code, said = run("msibuild", WORK + "/broken.msi", *words)
        assert code == 0, said
    same({rule for rule, _ in judge(WORK + "/broken.msi")}, {"ICE32"}, "rules")

@test
def each_file_has_the_long_name_that_it_had():
    names = [row["FileName"].split("|")[-1] for row in read(MSI)["File"].rows]
    laid = [{"LICENSE": "LICENSE.txt"}.get(name, name) for folder, _, files in os.walk(WORK + "/package") for name in files if name != "certwitness_setup.dll"]
    same(sorted(names), sorted(laid), "long names")

shutil.rmtree(WORK, ignore_errors=True)
lay_out(WORK + "/package")
code, said = run("src/packaging/msi", WORK + "/package", MSI)
assert code == 0, said
run_tests()
