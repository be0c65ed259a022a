# Test BLEU of the seeds' models alone, and together with a length penalty of their own.
import nbformat


def beam_bleu(translator, split, penalty):
    """Return BLEU of a split with a beam of 5."""
    search = partial(beam_search, beam_size=5, length_penalty=penalty)
    sources = [example.src for example in examples[split]]
    texts = translate_ids(translator, sources, search)
    return round(bleu_score(texts, references[split]), 2)


def run_cell_with(text, path):
    """Run the cell of another notebook that holds a text."""
    cells = nbformat.read(path, as_version=4).cells
    (source,) = (cell.source for cell in cells if text in cell.source)
    exec(source, globals())


run_cell_with("class Ensemble", repository / "solutions" / "1 - Solutions.ipynb")
run_cell_with("def load_translator", next(repository.glob("1 - *.ipynb")))
of_all_seeds = Path.cwd().name[:-1] + "[1-3]/*/best.pt"
paths = sorted(Path.cwd().parent.glob(of_all_seeds))
seeds = [load_translator(path, device) for path in paths]
together = replace(seeds[0], model=Ensemble([seed.model for seed in seeds]).eval())
tried = {p: beam_bleu(together, "validation", p) for p in (0.0, 0.5, 1.0, 1.5)}
penalty = max(tried, key=tried.get)
measured = {
    "alone": [beam_bleu(seed, "test", seed.length_penalty) for seed in seeds],
    "together": beam_bleu(together, "test", penalty),
    "length_penalty": penalty,
}
