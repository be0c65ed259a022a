# sacreBLEU's paired bootstrap: p of each run of seed 1 against the one that is as long,
# and of the tutorial as it is against the tutorial before.
from sacrebleu.significance import PairedTest

number, runs = results["tutorial"], {}
for path in sorted(Path.cwd().parent.glob("*-seed-1/*.json"), key=os.path.getmtime):
    run = json.loads(path.read_text(encoding="utf-8"))
    runs[run["results"]["tutorial"], path.stem] = run
measured = {}
for (tutorial, name), run in runs.items():
    base = "8 epochs" if run["results"]["epochs"] < results["epochs"] else "seeds"
    base = runs.get((tutorial - (name == "seeds"), base), run)
    if tutorial == number and run["translations"] != base["translations"]:
        pair = [("base", base["translations"]), ("run", run["translations"])]
        metrics = {"BLEU": BLEU(lowercase=True)}
        test = PairedTest(pair, metrics, [references["test"]], "bs", 1000)
        measured[name] = round(float(test()[1]["BLEU"][1].p_value), 3)
