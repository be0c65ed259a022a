# Validation BLEU by the size of the beam and the length penalty.
measured = {}
for size in (1, 2, 5, 10):
    measured[size] = {}
    for penalty in (0.0, 0.5, 1.0, 1.5) if size > 1 else (0.0,):
        search = partial(beam_search, beam_size=size, length_penalty=penalty)
        found = translate_ids(translator, validation_sources, search)
        score = bleu_score(found, references["validation"])
        measured[size][penalty] = round(score, 2)
