package assay.rm;

import assay.nn.Parameter;
import assay.nn.checkpoint.ModelConfig;
import assay.nn.checkpoint.ShardedCheckpointWriter;
import assay.tensor.DType;
import assay.tensor.Shape;
import java.nio.file.Path;

record PadTokenExport(int id, int vocabSize) {
  static PadTokenExport of(TrainingSetup setup) {
    return new PadTokenExport(
        setup.config().padTokenId().orElse(0), setup.config().transformer().vocabSize());
  }

  Shape shape(Parameter parameter) {
    return parameter.shape();
  }

  void write(ShardedCheckpointWriter writer, Parameter parameter) {
    writer.write(parameter.name(), parameter.value());
  }

  void writeTokenizer(Path folder) {}

  ModelConfig config(ModelConfig config, DType dtype) {
    return config.asClassifier(1, id, vocabSize, dtype);
  }
}
