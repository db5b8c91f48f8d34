"""The spiking network, and what its layers are."""

CONVERTED = "<work>/networks/{variant}/seed-{seed}.safetensors"


rule convert:
    """Turn the trained CNN into integrate-and-fire neurons and store them without pickle."""
    input:
        weights="<work>/training/{variant}/seed-{seed}/weights.safetensors",
    output:
        network=CONVERTED,
    log:
        "<logs>/convert/{variant}~seed-{seed}.log",
    wildcard_constraints:
        variant=OF_OTHERS,
    params:
        neurons=lambda wildcards: as_dict(PLAN.neurons_of(wildcards.variant)),
        trigger_code=code_of("convert"),
    script:
        "../scripts/convert.py"


if GUESTS:

    rule take_guest:
        """Take the network {wildcards.variant} from the NIR file that it names."""
        input:
            given=lambda wildcards: local(PLAN.guests[wildcards.variant].nir),
        output:
            network=CONVERTED,
        log:
            "<logs>/take_guest/{variant}~seed-{seed}.log",
        wildcard_constraints:
            variant=OF_GUESTS,
        # A mistake in a file is told before anything is trained.
        priority: 2
        params:
            min_v_mem=lambda wildcards: PLAN.guests[wildcards.variant].min_v_mem,
            usual_min_v_mem=SETTINGS.conversion.min_v_mem,
            classes=CLASSES.names,
            trigger_code=code_of("take_guest"),
        script:
            "../scripts/take_guest.py"


rule describe:
    """Describe the network's layers: shapes, weights, fan-outs, MACs."""
    output:
        table="<results>/tables/network.csv",
    log:
        "<logs>/describe/all.log",
    params:
        trigger_columns=column_types("network"),
        model=SETTINGS.model.name,
        n_classes=len(CLASSES.names),
    script:
        "../scripts/describe.py"
