package assay.rm.armorm;

import assay.nn.checkpoint.Safetensors;
import assay.nn.checkpoint.TensorEntry;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** What PyTorch and scikit-learn computed, by name. */
public final class Goldens implements AutoCloseable {
  public static final Path FOLDER = Path.of(System.getProperty("assay.test-resources"), "golden");

  private final Safetensors file;

  public Goldens(String folder) {
    file = Safetensors.open(FOLDER.resolve(folder).resolve("golden.safetensors"));
  }

  public float[] floats(String name) {
    return file.entry(name).toFloats();
  }

  /** The rows of a matrix. */
  public double[][] rows(String name) {
    TensorEntry entry = file.entry(name);
    float[] flat = entry.toFloats();
    int columns = entry.shape().dim(1);
    double[][] rows = new double[entry.shape().dim(0)][columns];
    for (int i = 0; i < flat.length; i++) {
      rows[i / columns][i % columns] = flat[i];
    }
    return rows;
  }

  double[] doubles(String name) {
    float[] floats = floats(name);
    double[] doubles = new double[floats.length];
    for (int i = 0; i < floats.length; i++) {
      doubles[i] = floats[i];
    }
    return doubles;
  }

  public int[] ints(String name) {
    TensorEntry entry = file.entry(name);
    int[] values = new int[Math.toIntExact(entry.shape().size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = entry.bytes().get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
    }
    return values;
  }

  public int columns(String name) {
    return file.entry(name).shape().dim(1);
  }

  @Override
  public void close() {
    file.close();
  }
}
