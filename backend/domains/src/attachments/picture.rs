//! Pictures, re-encoded without the metadata of cameras, in a bounded amount of memory.

use std::io::{self, Cursor, Write};

use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, GenericImageView, ImageDecoder, ImageFormat, ImageReader, Limits, Rgba};
use platform::Result;

use super::content::refuse;

/// Memory for decoding a picture, in bytes: enough for a camera photo of 50 megapixels, 8,192 by 6,144.
const DECODED_LIMIT: u64 = 8_192 * 6_144 * 3;
/// The largest picture that is written as PNG, in bytes: the output may be as large, and its buffer grows by doubling.
const PNG_LIMIT: u64 = DECODED_LIMIT / 4;
/// The largest size of a re-encoded picture, in bytes.
const WRITTEN_LIMIT: usize = 32 * 1024 * 1024;
/// The most metadata in a picture's file, in bytes. A JPEG with more is treated as the worst case.
const BESIDE_LIMIT: usize = 8 * 1024 * 1024;
const JPEG_QUALITY: u8 = 85;
/// Parts of a WebP that is not a plain photo: lossless, transparent or animated. A few bytes in them allocate tables of
/// megabytes.
const WEBP_BEYOND_PHOTOS: [&[u8; 4]; 3] = [b"VP8L", b"ALPH", b"ANMF"];

/// Re-encodes a picture. Only its orientation is preserved, in the pixels themselves. The result is JPEG; a PNG stays PNG if it
/// is smaller than a photo.
///
/// # Errors
/// `invalid_attachment` if it is damaged or too large.
pub fn redraw(bytes: &[u8], format: ImageFormat) -> Result<(&'static str, Bytes)> {
    let broken = |_| refuse("图片已损坏或过大 / the picture is damaged or too large");
    if format == ImageFormat::WebP && WEBP_BEYOND_PHOTOS.iter().any(|part| bytes.windows(4).any(|bytes| bytes == *part)) {
        return Err(refuse(
            "无损、透明或动画 WebP 请另存为 PNG / a WebP without loss, with transparency or moving: save it as PNG",
        ));
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(BESIDE_LIMIT as u64);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    let taken = match format {
        ImageFormat::Jpeg => u64::from(width) * u64::from(height) * jpeg_bytes_a_pixel(bytes),
        // The planes besides the decoded pixels.
        ImageFormat::WebP => decoder.total_bytes() * 2,
        _ => decoder.total_bytes(),
    };
    if taken > DECODED_LIMIT {
        return Err(refuse(
            "图片过大：至多 5000 万像素，渐进式 JPEG 至多 1600 万 / too large: 50 megapixels at most, 16 of a progressive JPEG",
        ));
    }
    let orientation = decoder.orientation().map_err(broken)?;
    let size = decoder.total_bytes();
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    if format == ImageFormat::Png && stays_png(size, picture.color().has_alpha())? {
        picture.apply_orientation(orientation);
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, ImageFormat::Png).map_err(broken)?;
        return Ok(("image/png", out.into_inner().into()));
    }
    let mut out = Bounded(Vec::with_capacity(WRITTEN_LIMIT));
    let upright = Upright { picture: &picture, orientation };
    JpegEncoder::new_with_quality(&mut out, JPEG_QUALITY).encode_image(&upright).map_err(broken)?;
    drop(picture);
    out.0.shrink_to_fit();
    Ok(("image/jpeg", out.0.into()))
}

/// What the parts of a JPEG begin with that tell where, when and by whom it was taken.
const EXIF: &[u8] = b"Exif\0\0";
const TELLING: [(u8, &[u8]); 3] = [(0xe1, EXIF), (0xe1, b"http://ns.adobe.com/x"), (0xed, b"Photoshop 3.0\0")];
/// An EXIF block that only tells how the picture is turned, which is its 18th byte.
const TURNED: [u8; 26] = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x01\0\0\0\0\0\0\0";

/// Blanks where, when and by whom the photos within some bytes were taken, and keeps how they are turned. Nothing moves.
/// Returns whether there was anything to blank.
pub fn forget(bytes: &mut [u8]) -> bool {
    let mut found = false;
    for at in 0..bytes.len().saturating_sub(4) {
        let [0xff, marker @ (0xe1 | 0xed), high, low] = bytes[at..at + 4] else { continue };
        let end = (at + 2 + usize::from(u16::from_be_bytes([high, low]))).min(bytes.len());
        let Some(part) = bytes.get_mut(at + 4..end) else { continue };
        let Some((_, begin)) = TELLING.iter().find(|(of, begin)| *of == marker && part.starts_with(begin)) else { continue };
        let kept = part[begin.len()..].to_vec();
        found = true;
        part.fill(0);
        if *begin == EXIF
            && let Some(orientation) = Orientation::from_exif_chunk(&kept)
            && let Some(block) = part.get_mut(..EXIF.len() + TURNED.len())
        {
            block[..EXIF.len()].copy_from_slice(EXIF);
            block[EXIF.len()..].copy_from_slice(&TURNED);
            block[EXIF.len() + 18] = orientation.to_exif();
        }
    }
    found
}

/// The parts of a PNG that tell of more than what is seen.
const BESIDE_PNG: [&[u8; 4]; 5] = [b"eXIf", b"tEXt", b"zTXt", b"iTXt", b"tIME"];
/// The first bytes of a PNG.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// A PNG without what tells where, when and by whom it was made.
pub fn forgotten_png(png: &[u8]) -> Vec<u8> {
    let (begin, mut rest) = png.split_at(PNG.len().min(png.len()));
    let mut out = begin.to_vec();
    while let Some(length) = rest.first_chunk().map(|length| u32::from_be_bytes(*length) as usize) {
        let Some((part, next)) = rest.split_at_checked(length.saturating_add(12)) else { break };
        if !BESIDE_PNG.iter().any(|beside| part[4..8] == **beside) {
            out.extend_from_slice(part);
        }
        rest = next;
    }
    // What is damaged stays so.
    out.extend_from_slice(rest);
    out
}

/// Whether a PNG of this size stays one, or becomes JPEG like a photo.
fn stays_png(size: u64, transparent: bool) -> Result<bool> {
    match size {
        0..=PNG_LIMIT => Ok(true),
        _ if transparent => Err(refuse("透明图片至多 900 万像素 / a picture with transparency has 9 megapixels at most")),
        _ => Ok(false),
    }
}

/// Bytes per pixel for decoding a JPEG: three for the result and, if rows do not arrive in order, two for each component.
fn jpeg_bytes_a_pixel(bytes: &[u8]) -> u64 {
    let whole = |components: u8| 3 + 2 * u64::from(components);
    let mut rest = bytes.get(2..).unwrap_or_default();
    let mut rows_of = None;
    while let [0xff, marker, high, low, ..] = *rest {
        if bytes.len() - rest.len() > BESIDE_LIMIT {
            break;
        }
        let end = 2 + usize::from(u16::from_be_bytes([high, low]));
        let Some(segment) = rest.get(4..end) else { break };
        match (marker, segment) {
            (0xc0 | 0xc1, [_, _, _, _, _, components, ..]) if rows_of.is_none() => rows_of = Some(*components),
            (0xc2, [_, _, _, _, _, components, ..]) => return whole((*components).max(3)),
            // The first scan has all components, or the others follow when it ends.
            (0xda, [components, ..]) if rows_of == Some(*components) => return 3,
            (0xda, _) => break,
            _ => {}
        }
        rest = &rest[end..];
    }
    // Anything unusual is treated as the worst case.
    whole(4)
}

/// A view of a picture that turns it while reading. A turned copy would take as much memory again.
struct Upright<'a> {
    picture: &'a DynamicImage,
    orientation: Orientation,
}

impl GenericImageView for Upright<'_> {
    type Pixel = Rgba<u8>;

    fn dimensions(&self) -> (u32, u32) {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        let (width, height) = self.picture.dimensions();
        match self.orientation {
            Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH => (height, width),
            _ => (width, height),
        }
    }

    fn get_pixel(&self, x: u32, y: u32) -> Rgba<u8> {
        let (width, height) = self.picture.dimensions();
        let (x, y) = match self.orientation {
            Orientation::NoTransforms => (x, y),
            Orientation::Rotate90 => (y, height - 1 - x),
            Orientation::Rotate180 => (width - 1 - x, height - 1 - y),
            Orientation::Rotate270 => (width - 1 - y, x),
            Orientation::FlipHorizontal => (width - 1 - x, y),
            Orientation::FlipVertical => (x, height - 1 - y),
            Orientation::Rotate90FlipH => (y, x),
            Orientation::Rotate270FlipH => (width - 1 - y, height - 1 - x),
        };
        self.picture.get_pixel(x, y)
    }
}

/// An output that cannot grow beyond its limit.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > WRITTEN_LIMIT {
            return Err(io::Error::other("too large"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use image::RgbImage;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    /// The beginning of a JPEG, up to its first scan.
    fn jpeg(marker: u8, (width, height): (u16, u16), components: u8, scanned: u8) -> Vec<u8> {
        let mut bytes = vec![0xff, 0xd8, 0xff, marker, 0, 8 + 3 * components, 8];
        bytes.extend([height.to_be_bytes(), width.to_be_bytes()].concat());
        bytes.push(components);
        (1..=components).for_each(|id| bytes.extend([id, 0x11, 0]));
        bytes.extend([0xff, 0xda, 0, 6 + 2 * scanned, scanned]);
        (1..=scanned).for_each(|id| bytes.extend([id, 0]));
        bytes.extend([0, 63, 0]);
        bytes
    }

    #[test]
    fn what_a_jpeg_takes_follows_from_how_it_comes() {
        assert_eq!(jpeg_bytes_a_pixel(&jpeg(0xc0, (8, 8), 3, 3)), 3);
        assert_eq!(jpeg_bytes_a_pixel(&jpeg(0xc0, (8, 8), 3, 1)), 11);
        assert_eq!(jpeg_bytes_a_pixel(&jpeg(0xc2, (8, 8), 3, 3)), 9);
        assert_eq!(jpeg_bytes_a_pixel(&jpeg(0xc2, (8, 8), 4, 4)), 11);
        assert_eq!(jpeg_bytes_a_pixel(b"\xff\xd8junk"), 11);
        assert_eq!(jpeg_bytes_a_pixel(b""), 11);
    }

    #[test]
    fn a_picture_that_unfolds_beyond_measure_is_refused_before_it_is_decoded() {
        let refused = |bytes: &[u8], format| {
            let error = redraw(bytes, format).unwrap_err();
            error.detail.as_ref().is_some_and(|why| why.contains("too large: 50"))
        };
        assert!(refused(&jpeg(0xc2, (16_384, 16_384), 3, 3), ImageFormat::Jpeg));
        assert!(refused(&jpeg(0xc2, (5_000, 4_000), 3, 3), ImageFormat::Jpeg));
        assert!(refused(&jpeg(0xc0, (5_000, 4_000), 3, 1), ImageFormat::Jpeg));
        assert!(refused(&jpeg(0xc0, (8_193, 6_144), 3, 3), ImageFormat::Jpeg));
        let mut png = Vec::new();
        DynamicImage::new_luma8(u32::from(u16::MAX), 2_400).write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
        assert!(refused(&png, ImageFormat::Png));
    }

    #[test]
    fn a_photo_as_webp_is_taken_and_what_is_more_is_not() {
        // This picture has one pixel.
        let photo = b"RIFF\x22\0\0\0WEBPVP8 \x16\0\0\0\x30\x01\0\x9d\x01\x2a\x01\0\x01\0\x0e\xc0\xfe\x25\xa4\0\x03\x70\0\0\0\0";
        assert_eq!(redraw(photo, ImageFormat::WebP).unwrap().0, "image/jpeg");
        let mut lossless = Vec::new();
        DynamicImage::new_rgb8(8, 4).write_to(&mut Cursor::new(&mut lossless), ImageFormat::WebP).unwrap();
        assert!(redraw(&lossless, ImageFormat::WebP).is_err());
    }

    #[test]
    fn a_large_png_becomes_a_photo_and_one_with_transparency_is_refused() {
        assert!(stays_png(PNG_LIMIT, false).unwrap() && stays_png(PNG_LIMIT, true).unwrap());
        assert!(!stays_png(PNG_LIMIT + 1, false).unwrap());
        assert!(stays_png(PNG_LIMIT + 1, true).is_err());
    }

    proptest! {
        #[test]
        fn it_is_turned_as_a_copy_would_be(
            width in 1u32..9, height in 1u32..9, exif in 1u8..9, seed in any::<u8>(),
        ) {
            let pixel = |x: u32, y: u32| image::Rgb([seed, x as u8, y as u8]);
            let picture = DynamicImage::from(RgbImage::from_fn(width, height, pixel));
            let orientation = Orientation::from_exif(exif).unwrap();
            let upright = Upright { picture: &picture, orientation };
            let mut copy = picture.clone();
            copy.apply_orientation(orientation);
            prop_assert_eq!(upright.dimensions(), copy.dimensions());
            for (x, y, pixel) in copy.pixels() {
                prop_assert_eq!(upright.get_pixel(x, y), pixel);
            }
        }

        /// No input causes a panic or exceeds the memory limit.
        #[test]
        fn no_picture_makes_it_fail(
            format in select(&[ImageFormat::Jpeg, ImageFormat::Png][..]),
            at in any::<prop::sample::Index>(), put in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let mut bytes = Vec::new();
            DynamicImage::new_rgb8(8, 4).write_to(&mut Cursor::new(&mut bytes), format).unwrap();
            let start = at.index(bytes.len());
            let end = (start + put.len()).min(bytes.len());
            bytes.splice(start..end, put);
            let _ = redraw(&bytes, format);
        }
    }
}
