package assay.tensor;

/**
 * One step of AdamW (Loshchilov and Hutter 2019, algorithm 2) as torch.optim.AdamW computes it.
 *
 * @param gradientScale factor on the gradient before use: the clipping coefficient
 * @param step counts from 1, for the bias corrections {@code 1 - beta^step}
 */
public record AdamWStep(
    double learningRate,
    double beta1,
    double beta2,
    double epsilon,
    double weightDecay,
    double gradientScale,
    long step) {}
