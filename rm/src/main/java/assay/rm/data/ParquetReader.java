package assay.rm.data;

import assay.tensor.InvalidInputException;
import dev.hardwood.InputFile;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.row.PqList;
import dev.hardwood.row.PqMap;
import dev.hardwood.row.PqStruct;
import dev.hardwood.row.StructAccessor;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The rows of a Parquet file as the JSON objects they would be in JSON Lines. */
final class ParquetReader implements RowReader {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final String name;
  private final ParquetFileReader file;
  private final dev.hardwood.reader.RowReader rows;
  private long row;

  private ParquetReader(String name, ParquetFileReader file, dev.hardwood.reader.RowReader rows) {
    this.name = name;
    this.file = file;
    this.rows = rows;
  }

  static ParquetReader open(String name, Path path) {
    ParquetFileReader file = null;
    try {
      file = ParquetFileReader.open(InputFile.of(path));
      return new ParquetReader(name, file, file.rowReader());
    } catch (IOException | RuntimeException e) {
      // The library answers broken files with exceptions of many kinds.
      if (file != null) {
        RowFiles.close(name, file);
      }
      throw new InvalidInputException(name + ": not a readable Parquet file: " + e, e);
    }
  }

  @Override
  public Optional<Row> next() {
    row++;
    RowPlace place = new RowPlace(name, RowPlace.Unit.ROW, row);
    try {
      if (!rows.hasNext()) {
        return Optional.empty();
      }
      rows.next();
      return Optional.of(new Row(place, object(rows)));
    } catch (CharacterCodingException e) {
      throw new InvalidInputException(place + ": holds bytes that are not UTF-8 text", e);
    } catch (RuntimeException e) {
      throw new InvalidInputException(place + ": not readable as Parquet: " + e, e);
    }
  }

  private static ObjectNode object(StructAccessor struct) throws CharacterCodingException {
    ObjectNode result = NODES.objectNode();
    for (int i = 0; i < struct.getFieldCount(); i++) {
      result.set(struct.getFieldName(i), value(struct.isNull(i) ? null : struct.getValue(i)));
    }
    return result;
  }

  private static JsonNode value(Object value) throws CharacterCodingException {
    return switch (value) {
      case null -> NODES.nullNode();
      case String text -> NODES.stringNode(text);
      case Boolean truth -> NODES.booleanNode(truth);
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      case Float number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      case BigDecimal number -> NODES.numberNode(number);
      case byte[] bytes -> NODES.stringNode(text(bytes));
      case PqStruct struct -> object(struct);
      case PqList list -> {
        ArrayNode items = NODES.arrayNode(list.size());
        for (int i = 0; i < list.size(); i++) {
          items.add(value(list.isNull(i) ? null : list.get(i)));
        }
        yield items;
      }
      case PqMap map -> {
        ObjectNode entries = NODES.objectNode();
        for (PqMap.Entry entry : map.getEntries()) {
          entries.set(
              String.valueOf(entry.getKey()), value(entry.isValueNull() ? null : entry.getValue()));
        }
        yield entries;
      }
      // Dates, times and UUIDs in their ISO form.
      default -> NODES.stringNode(value.toString());
    };
  }

  /** Old writers store text as bytes without saying that it is text. */
  private static String text(byte[] bytes) throws CharacterCodingException {
    return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
  }

  @Override
  public void close() {
    rows.close();
    RowFiles.close(name, file);
  }
}
