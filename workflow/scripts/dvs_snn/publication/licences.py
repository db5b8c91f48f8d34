"""Licences of what a study hands on; `docs/cite.md` says why each file has which."""

MIT = "https://spdx.org/licenses/MIT"
CC_BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
LICENCES = {
    MIT: "MIT License",
    CC_BY_SA: "Creative Commons Attribution-ShareAlike 4.0 International",
}
# Files that derive from N-MNIST, by their name in the clone or in a study's folder.
SHARED_ALIKE = (
    "workflow/data/nmnist-statistics.tsv", "workflow/data/nmnist-twins.tsv", "twins/pairs.csv",
)  # fmt: skip
