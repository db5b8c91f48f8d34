"""The spiking network, and what its layers are."""

CONVERTED = f"<results>/networks/{{variant}}/seed-{{seed}}{CONVERTED_SUFFIX}"
# What the engine runs: the converted network, or a form of its own.
SPIKING = f"<results>/networks/{{variant}}/seed-{{seed}}{ENGINE.suffix}"


rule convert:
    """Turn the trained CNN into integrate-and-fire neurons and store them without pickle."""
    input:
        weights="<results>/training/{variant}/seed-{seed}/weights.safetensors",
    output:
        **({"own_form": SPIKING} if SPIKING != CONVERTED else {}),
        network=CONVERTED,
    log:
        "<logs>/convert/{variant}~seed-{seed}.log",
    params:
        neurons=lambda wildcards: as_dict(PLAN.neurons_of(wildcards.variant)),
        engine=config["inference"]["engine"],
        code=code_of("convert", ENGINE_MODULE),
    script:
        "../scripts/convert.py"


rule describe:
    """Describe the network's layers: shapes, weights, fan-outs, MACs."""
    output:
        table="<results>/tables/network.csv",
    log:
        "<logs>/describe/all.log",
    params:
        columns=column_types("network"),
        model=config["model"]["name"],
        n_classes=len(DATA["classes"]),
    script:
        "../scripts/describe.py"
