package assay.train.checkpoint;

import assay.tensor.InvalidInputException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The CRC-32C of each block of a file, so that any part of it can be checked without reading the
 * rest.
 *
 * <p>CRC-32C (Castagnoli 1993) finds every change of up to three bits in a block of at most 128
 * MiB, and every burst of up to 32; of all other damage it misses one case in 2<sup>32</sup>. It is
 * one instruction of the processor, as fast as memory; SHA-256, which also withstands forgery,
 * would be slower than the disk, and who can forge weights can forge their checksums too.
 *
 * @param blockBytes a multiple of 8, so that no element lies in two blocks
 * @param values of the blocks, in order; the last may be shorter
 */
record BlockChecksums(int blockBytes, List<Integer> values) {
  /** Small enough to read one for a bias of some bytes. */
  static final int BLOCK_BYTES = 1 << 20;

  private static final int HEX_DIGITS = 8;

  static int of(ByteBuffer block) {
    CRC32C crc = new CRC32C();
    crc.update(block);
    return (int) crc.getValue();
  }

  /** Eight digits for each block, in one text. */
  String toHex() {
    StringBuilder hex = new StringBuilder(HEX_DIGITS * values.size());
    values.forEach(value -> hex.append(HexFormat.of().toHexDigits(value)));
    return hex.toString();
  }

  /**
   * Reads what {@link #toHex} gave.
   *
   * @param fileBytes how long the file is that they are of
   */
  static BlockChecksums parse(String hex, long blockBytes, long fileBytes, String source) {
    boolean isSize = blockBytes > 0 && blockBytes % 8 == 0 && blockBytes <= 1 << 27;
    if (!isSize || hex.length() != HEX_DIGITS * Math.ceilDiv(fileBytes, blockBytes)) {
      throw new InvalidInputException(
          String.format(
              "%s: %d digits of checksums don't fit to %d bytes in blocks of %d",
              source, hex.length(), fileBytes, blockBytes));
    }
    List<Integer> values = new ArrayList<>();
    for (int i = 0; i < hex.length(); i += HEX_DIGITS) {
      values.add(HexFormat.fromHexDigits(hex, i, i + HEX_DIGITS));
    }
    return new BlockChecksums((int) blockBytes, values);
  }
}
