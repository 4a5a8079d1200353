/** From conversations to token ids. */
package assay.rm.text;
