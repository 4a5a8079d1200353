package assay.testing.crash;

import java.util.SplittableRandom;

/** A file or a folder on the disk, under whatever name. */
sealed interface Node permits FileNode, FolderNode {
  /** Turns it into something that a power cut may leave. */
  void crash(SplittableRandom random);
}
