"""Command lines of Windows' tools, checked by what the documentation lets them be called with: `syntax` in tool_output.json."""
import json, ntpath, os, re

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tool_output.json"), encoding="utf-8") as file: RECORDED = json.load(file)

class Wrong(Exception):
    """A command line that the documentation does not know."""

def checked(words):
    """(tool, verb, options, operands), by the syntax in tool_output.json."""
    tool = ntpath.basename(words[0])
    verbs = RECORDED["syntax"].get(tool)
    if not verbs: raise Wrong(f"{tool}: there is no syntax of it")
    verb = next((word for word in words[1:] if word in verbs), "" if "" in verbs else None)
    if verb is None: raise Wrong(f"{words}: no verb")
    rule, options, operands, rest = verbs[verb], {}, [], [word for word in words[1:]]
    if verb: rest.remove(verb)
    while rest:
        word = rest.pop(0)
        attached = next((one for one in rule.get("attached", ()) if word.startswith(one)), None)
        if attached: options[attached] = word[len(attached):]
        elif word in rule["options"]: options[word] = [rest.pop(0) for _ in range(rule["options"][word])]
        elif re.match(r"--?[A-Za-z]|/[A-Za-z]", word): raise Wrong(f"{words}: {word} is no option of {tool} {verb}")
        else: operands.append(word)
    if not rule["operands"][0] <= len(operands) <= rule["operands"][1]: raise Wrong(f"{words}: {len(operands)} operands")
    return tool, verb, options, operands
