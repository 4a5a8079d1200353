package assay.tensor.cuda;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import jcuda.JCudaVersion;
import jcuda.LibUtils;

/**
 * Loads JCuda's own libraries, through which Java calls NVIDIA's.
 *
 * <p>JCuda unpacks them from its jars into the folder for temporary files, under fixed names, and
 * takes what lies there already: perhaps another version's, perhaps half of one that another
 * process is writing. So they are unpacked here, into the {@link CudaCache}, and JCuda is shown the
 * folder in which its library lies.
 *
 * <p>They were made for CUDA 12 and ask for libraries of that name. The functions that they call
 * are the same in CUDA 13, so for CUDA 13 that name is changed in them.
 */
final class JCudaNatives {
  private static final String TEMPORARY_FOLDER = "java.io.tmpdir";
  private static final int MADE_FOR = 12;

  private JCudaNatives() {}

  /** Loads a library that depends on the driver, or on cuDNN, whose name is always the same. */
  static void load(String name, Runnable firstUse) {
    load(name, content(name), firstUse);
  }

  /**
   * Loads a library that depends on one of NVIDIA's, which has been loaded.
   *
   * @param name JCuda's name for it
   * @param firstUse any use of JCuda's class for it, which will then load it
   */
  static void load(String name, CudaToolkit.Library library, int version, Runnable firstUse) {
    byte[] content = content(name);
    if (version != MADE_FOR) {
      content = renamed(content, library.fileName(MADE_FOR), library.fileName(version));
    }
    load(name, content, firstUse);
  }

  private static void load(String name, byte[] content, Runnable firstUse) {
    Path unpacked = CudaCache.keep("jcuda", fileName(name), content);
    String before = System.getProperty(TEMPORARY_FOLDER);
    System.setProperty(TEMPORARY_FOLDER, unpacked.getParent().toString());
    try {
      firstUse.run();
    } finally {
      System.setProperty(TEMPORARY_FOLDER, before);
    }
  }

  private static String fileName(String name) {
    return LibUtils.createLibraryFileName(
        LibUtils.createPlatformLibraryName(name + "-" + JCudaVersion.get()));
  }

  private static byte[] content(String name) {
    String resource = "/lib/" + fileName(name);
    try (InputStream in = LibUtils.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("resource " + resource + " is missing");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(resource, e);
    }
  }

  /**
   * A library with the name of one that it needs changed.
   *
   * <p>An ELF file holds that name once, in its table of strings; the entries for the needed
   * library and for the needed version of its symbols both point there. Beside the latter stands
   * the name's hash.
   */
  static byte[] renamed(byte[] library, String from, String to) {
    String text = new String(library, ISO_8859_1);
    text = replaceTheOnly(text, "\0" + from + "\0", "\0" + to + "\0");
    text = replaceTheOnly(text, hash(from), hash(to));
    return text.getBytes(ISO_8859_1);
  }

  private static String replaceTheOnly(String text, String from, String to) {
    int at = text.indexOf(from);
    if (at < 0 || at != text.lastIndexOf(from) || from.length() != to.length()) {
      throw new IllegalStateException("this is not the JCuda that is known here: " + from.trim());
    }
    return text.substring(0, at) + to + text.substring(at + to.length());
  }

  /** The ELF format's hash of a name, as its four bytes. */
  static String hash(String name) {
    int hash = 0;
    for (byte character : name.getBytes(ISO_8859_1)) {
      hash = (hash << 4) + character;
      hash = (hash ^ (hash >>> 28 << 4)) & 0x0fffffff;
    }
    byte[] bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(hash).array();
    return new String(bytes, ISO_8859_1);
  }
}
