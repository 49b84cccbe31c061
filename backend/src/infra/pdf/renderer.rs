//! Where PDF documents are drawn: on threads of a low priority, and few at once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::infra::low_priority::LowPriorityThreads;
use crate::infra::pdf::coverage::FontCoverage;
use crate::infra::pdf::error::PdfError;

/// The font files, regular and bold. They are not part of the program: each has 10 MB, and a document needs some dozens of glyphs of it.
pub const FONT_FILES: [&str; 2] = ["NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"];
/// Documents drawn at once, since each reads both fonts.
const CONCURRENT: usize = 2;

/// The bytes of the font files.
pub struct FontData {
    /// For text.
    pub regular: Arc<Vec<u8>>,
    /// For names and headings.
    pub bold: Arc<Vec<u8>>,
}

impl FontData {
    /// Reads both fonts from a folder.
    ///
    /// # Errors
    /// [`PdfError::Font`] if one of the files cannot be read.
    pub fn read(folder: &Path) -> Result<Self, PdfError> {
        let [regular, bold] = FONT_FILES.map(|name| std::fs::read(folder.join(name)).map_err(|_| PdfError::Font));
        Ok(Self { regular: Arc::new(regular?), bold: Arc::new(bold?) })
    }
}

/// Draws PDF documents with the fonts of one folder.
#[derive(Clone)]
pub struct PdfRenderer {
    fonts: Arc<Path>,
    threads: LowPriorityThreads,
    /// Read once, when it is first asked for.
    coverage: Arc<OnceCell<FontCoverage>>,
}

impl PdfRenderer {
    /// A renderer with the fonts of a folder, which is read anew for each document.
    pub fn new(fonts: PathBuf) -> Self {
        Self { fonts: fonts.into(), threads: LowPriorityThreads::start("pdf", CONCURRENT), coverage: Arc::default() }
    }

    /// Whether the font files are there.
    pub fn fonts_available(&self) -> bool {
        FONT_FILES.iter().all(|name| self.fonts.join(name).is_file())
    }

    /// The characters of a text for which the fonts have no glyph. None without fonts, since nothing is printed then.
    pub async fn missing_in(&self, text: &str) -> Vec<char> {
        let coverage = self.coverage.get_or_try_init(|| async {
            let folder = Arc::clone(&self.fonts);
            let read = tokio::task::spawn_blocking(move || {
                let fonts = FontData::read(&folder)?;
                FontCoverage::of(&fonts.regular, &fonts.bold)
            });
            read.await.map_err(|_| PdfError::Font)?
        });
        coverage.await.map_or_else(|_| Vec::new(), |coverage| coverage.missing_in(text))
    }

    /// Draws one document on such a thread.
    ///
    /// # Errors
    /// [`PdfError::Font`] without fonts, and whatever `draw` fails with.
    pub async fn render<E>(&self, draw: impl FnOnce(&FontData) -> Result<Vec<u8>, E> + Send + 'static) -> Result<Vec<u8>, E>
    where
        E: From<PdfError> + Send + 'static,
    {
        let folder = Arc::clone(&self.fonts);
        let drawn = self.threads.run(move || FontData::read(&folder).map_err(E::from).and_then(|fonts| draw(&fonts)));
        drawn.await.map_err(|_| PdfError::Font)?
    }
}

impl Default for PdfRenderer {
    /// A renderer without fonts, which refuses every request.
    fn default() -> Self {
        Self::new(PathBuf::new())
    }
}
