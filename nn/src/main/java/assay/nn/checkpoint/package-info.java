/** Checkpoints as the field stores them: safetensors files and config.json. */
package assay.nn.checkpoint;
