"""Writes features-text.json: texts with scikit-learn's features of them.

Run in an environment with numpy and scikit-learn: python test/reference/features-text.py
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.feature_selection import SelectKBest, chi2
from sklearn.pipeline import make_pipeline

random = np.random.default_rng(5)
vocabulary = np.array("the a of good bad film plot actor very not never boring great scene end music love war".split())
odd = [
    "The film, the FILM -- and the end!",
    "",
    "   \t\n ",
    "a b c d",
    "Ünïcode ist schön, STRASSE straße; Ärger",
    "映画 は とても 良い 映画 です",
    "foo_bar __init__ 42 007 x2 3.14",
    "don't can't won't it's",
    "naïve café\u0301 e\u0301te\u0301",
    "\U0001f600 smile \U0001f600\U0001f600 \U00020000\U00020001 text",
    "ΟΔΟΙ οδοι Ελλάδα",
    "very very very good good film",
    "Привет МИР привет",
    "it's \"quoted\" and 'single' and \\back",
    "good\u00a0bad\u2028never",
    "ǅungla ǆungla Ⅷ ⅷ ² ³ ½½",
]
weights = 1 / np.arange(1, len(vocabulary) + 1)
texts = odd + [
    " ".join(random.choice(vocabulary, random.integers(0, 12), p=weights / weights.sum())) for _ in range(60)
]
later = ["The unknown word, the known FILM film", "", "never never never seen", "of the good the bad"]
labels = [("good" in text) != ("not" in text) for text in texts]
stop_words = ["the", "of", "and", "very", "not"]


def case(name, step, options, model, y=None):
    expected = model.fit_transform(texts, y)
    dense = (lambda x: x.toarray() if hasattr(x, "toarray") else x)
    terms = model[0] if hasattr(model, "steps") else model
    return {
        "name": name,
        "step": step,
        "options": options,
        "terms": None if isinstance(terms, HashingVectorizer) else terms.get_feature_names_out().tolist(),
        "expected": np.round(dense(expected).astype(float), 9).tolist(),
        "expectedLater": np.round(dense(model.transform(later)).astype(float), 9).tolist(),
    }


def count(name, options, **settings):
    return case(name, "count", options, CountVectorizer(**settings))


def tfidf(name, options, **settings):
    return case(name, "tfidf", options, TfidfVectorizer(**settings))


def hashing(name, options, **settings):
    return case(name, "hashing", options, HashingVectorizer(**settings))


cases = [
    count("counts", {}),
    count("counts, once each", {"binary": True}, binary=True),
    count("counts of words as written", {"lowercase": False}, lowercase=False),
    count("counts of words and pairs", {"ngrams": [1, 2]}, ngram_range=(1, 2)),
    count("counts of pairs and triples", {"ngrams": [2, 3], "minDocuments": 2}, ngram_range=(2, 3), min_df=2),
    count("counts without stop words", {"stopWords": stop_words}, stop_words=stop_words),
    count(
        "counts of pairs without stop words",
        {"stopWords": stop_words, "ngrams": [1, 2]},
        stop_words=stop_words,
        ngram_range=(1, 2),
    ),
    count("counts in 5 to 20 texts", {"minDocuments": 5, "maxDocuments": 20}, min_df=5, max_df=20),
    count("counts in 5 % to 30 % of texts", {"minDocuments": 0.05, "maxDocuments": 0.3}, min_df=0.05, max_df=0.3),
    count("counts of the 4 most frequent", {"maxFeatures": 4}, max_features=4),
    tfidf("tf-idf", {}),
    tfidf("tf-idf, l1", {"norm": "l1"}, norm="l1"),
    tfidf("tf-idf, not scaled", {"norm": "none"}, norm=None),
    tfidf("tf-idf, sublinear", {"sublinear": True, "ngrams": [1, 2]}, sublinear_tf=True, ngram_range=(1, 2)),
    tfidf("tf-idf, plain", {"idf": "plain"}, smooth_idf=False),
    tfidf("tf, scaled", {"idf": "none"}, use_idf=False),
    tfidf("tf-idf, once each, without stop words", {"binary": True, "stopWords": stop_words}, binary=True, stop_words=stop_words),
    hashing("hashes", {"features": 32}, n_features=32),
    hashing("hashes, odd number, l1", {"features": 13, "norm": "l1"}, n_features=13, norm="l1"),
    hashing(
        "hashes, counts",
        {"features": 32, "norm": "none", "alternateSign": False, "stopWords": stop_words},
        n_features=32,
        norm=None,
        alternate_sign=False,
        stop_words=stop_words,
    ),
    case(
        "tf-idf and SVD",
        "svd",
        {},
        make_pipeline(TfidfVectorizer(), TruncatedSVD(3, algorithm="arpack", random_state=0)),
    ),
    case("counts and the best by chi2", "chi2", {}, make_pipeline(CountVectorizer(), SelectKBest(chi2, k=5)), labels),
]
out = {
    "generator": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "texts": texts,
    "later": later,
    "labels": [bool(each) for each in labels],
    "cases": cases,
}
Path(__file__).with_suffix(".json").write_text(json.dumps(out) + "\n")
