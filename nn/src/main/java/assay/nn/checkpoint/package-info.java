/**
 * Models as the field stores them: a folder with a config.json, weights in safetensors files, and
 * names that transformers gave them. Read here, a checkpoint computes what transformers 5.23.0
 * computes with it; written here, it opens there as it is.
 *
 * <pre>{@code
 * Path folder = ModelFolder.resolve("Skywork/Skywork-Reward-V2-Qwen3-0.6B"); // or any folder
 * ModelConfig config = ModelConfig.read(folder);
 * TransformerConfig transformer = config.transformer();  // what to compute
 * try (ShardedCheckpoint checkpoint = ShardedCheckpoint.open(folder)) {
 *   WeightLoader.loadAll(checkpoint, parameters, Set.of());  // all of it, or an error
 * }
 *
 * config.asClassifier(1, padTokenId, vocabSize, DType.BF16).write(target);
 * try (var writer = new ShardedCheckpointWriter(target, specs, MAX_SHARD_BYTES)) {
 *   parameters.forEach(p -> writer.write(p.name(), p.value()));
 *   writer.commit();
 * }
 * }</pre>
 *
 * <h2>A file from a stranger</h2>
 *
 * <p>Checkpoints are downloaded, so every byte is taken for hostile. A safetensors header is read
 * token by token into little more than its own size, checked in full, and only then are there
 * tensors; what breaks a rule ends in a {@link assay.nn.checkpoint.SafetensorsException} and
 * nothing else ({@code HostileInputTest}). Pickles are not read at all: they are programs.
 *
 * <p>What is accepted is what the reference implementation (safetensors 0.8.0, in Rust) accepts;
 * 200,000 mutated files were compared. The differences are meant:
 *
 * <ul>
 *   <li>Duplicate names are refused, as the format's text says; the implementation keeps the last.
 *   <li>A dtype that is not known is listed, and refused when it is read: one tensor of a new kind
 *       should not hide all others.
 *   <li>Limits: 250,000 tensors, 64 dimensions of up to 2<sup>31</sup> - 1, names of 50,000
 *       characters, 64 levels of nesting.
 *   <li>White space before the header is accepted: the text forbids it, but the implementation
 *       allows it on purpose, and files have it.
 * </ul>
 *
 * <h2>Decisions</h2>
 *
 * <ul>
 *   <li><b>Families are data.</b> Each peculiarity is a value in {@link
 *       assay.nn.TransformerConfig}, decided once in {@code ConfigReader}; the model never asks
 *       which family it is. Rejected: a model class for each family, which is how the same
 *       attention comes to be written seven times.
 *   <li><b>Refused by name.</b> Dynamic and yarn rope, quantized weights, experts and whatever else
 *       is not built is an error that names the key. Rejected: ignoring unknown settings, which
 *       gives a model that runs and is wrong. Keys that change nothing are kept and written back.
 *   <li><b>All weights or none.</b> {@link assay.nn.checkpoint.WeightMatch} fails on a missing
 *       tensor and on one too many. Rejected: a warning, as elsewhere; a reward model whose head
 *       was drawn at random because of one is a known accident.
 *   <li><b>Mapped, not read.</b> A file's pages are fetched when a tensor is copied, so opening 16
 *       GB takes milliseconds and no heap. Rejected: reading through a buffer, which holds the
 *       largest tensor twice.
 *   <li><b>The Python library's bytes.</b> The writer sorts, pads and escapes as it does, so that a
 *       copied checkpoint has the same checksum. Tensors may come in any order, since the header
 *       gives each its place: saving needs memory for one chunk, not for the model.
 * </ul>
 */
package assay.nn.checkpoint;
