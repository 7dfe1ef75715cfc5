"""Two percentages over hand-labelled checklists: how many decidable lines get a binding that plans, and how many of these are right.

A label file has a line for each line of a checklist that a machine can decide: its number, what was judged of its binding (`right`: it
checks what the line says once its targets have values; `hand`: it has to be changed; `none`: nothing was proposed), and the digest of the
blocks that were judged. A binding that is another now counts as not judged, and so not as right. The texts are in no label file.

`held-out` has labels of checklists that bind was not written on. Their heads say which public file it is, at which commit, and the digest of the
text whose lines were counted: `--held-out DIR` measures those that are in DIR as NAME.md, and names the others.
"""
import hashlib, json, os, pathlib, subprocess, sys

here = pathlib.Path(__file__).resolve().parent


def checklists():
    if len(sys.argv) > 1 and not sys.argv[1].startswith("--"):
        return pathlib.Path(sys.argv[1])
    for parent in here.parents:
        if (parent / "shared/checklists").is_dir():
            return parent / "shared/checklists"
    sys.exit("the checklists are not there: Benchmarks/bind.sh DIR")


def digest(blocks):
    return hashlib.sha256("\n---\n".join(blocks).encode()).hexdigest()[:12]


def bind(path):
    done = subprocess.run([os.environ["GONOGO"], "bind", "-", "--output", "json"], stdin=open(path, "rb"), capture_output=True)
    read = json.loads(done.stdout)
    return read, {line["line"]: line["proposal"] for line in read["lines"] if "proposal" in line}


def head():
    print("| checklist | lines read | a machine can decide | get a binding that plans | | need no hand's change | | not judged |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")


def measured(read, bound, labels):
    """The row of a checklist: lines read, decidable, bound, right, not judged."""
    planned = sum(int(number) in bound for number, *_ in labels)
    right = unjudged = 0
    for number, judged, was in labels:
        if int(number) not in bound:
            continue
        if digest(bound[int(number)]["blocks"]) != was:
            unjudged += 1
        elif judged == "right":
            right += 1
    return [len(read["lines"]), len(labels), planned, right, unjudged]


def held_out(root):
    groups, missing = {}, []
    head()
    for label in sorted((here / "held-out").glob("*.tsv")):
        lines = label.read_text().splitlines()
        about = dict(line[2:].split(": ", 1) for line in lines if line.startswith("# ") and ": " in line)
        path = root / f"{label.stem}.md"
        if not path.exists():
            missing.append(f"{path.name}: {about['source']}")
            continue
        if hashlib.sha256(path.read_bytes()).hexdigest()[:12] != about["text"]:
            sys.exit(f"{path}: another text than the one whose lines were labelled: take {about['source']}")
        read, bound = bind(path)
        row = measured(read, bound, [line.split("\t") for line in lines if line and not line.startswith("#")])
        show(f"{label.stem} ({about['group']})", row)
        groups[about["group"]] = [a + b for a, b in zip(groups.get(about["group"], [0] * 5), row)]
    for name, row in groups.items():
        show(f"**{name}**", row)
    for name in missing:
        print(f"not measured, since it is not there: {name}", file=sys.stderr)


def main():
    if sys.argv[1:2] == ["--held-out"]:
        return held_out(pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else sys.exit("--held-out needs a directory"))
    root = checklists()
    total = [0] * 5
    head()
    for label in sorted((here / "labels").glob("*.tsv")):
        labels = [line.split("\t") for line in label.read_text().splitlines() if line and not line.startswith("#")]
        # Broken encodings are read as their clean twins are: the same labels hold for both.
        for path in [root / f"{label.stem}.md"] + sorted((root / "raw").glob("*.txt")):
            if path.parent.name == "raw" and not same(path, root / f"{label.stem}.md"):
                continue
            read, bound = bind(path)
            row = measured(read, bound, labels)
            name = label.stem + (", broken encoding" if read["mended"] else ", raw" if path.parent.name == "raw" else "")
            show(name, row)
            if path.parent.name != "raw":
                total = [a + b for a, b in zip(total, row)]
    show("**all five**", total)


def same(raw, clean):
    """A raw file is the twin of the clean one whose lines, but for what is not ASCII, are the same."""
    strip = lambda path: ["".join(c for c in line if c.isascii() and c.isalnum()) for line in path.read_text().splitlines()]
    return strip(raw) == strip(clean)


def show(name, row):
    lines, decidable, planned, right, unjudged = row
    print(f"| {name} | {lines} | {decidable} | {planned} | {planned / decidable:.1%} | {right} | {right / max(1, planned):.1%} | {unjudged} |")


if __name__ == "__main__":
    main()
