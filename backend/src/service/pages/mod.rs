//! Read models: everything a page shows, read in one transaction.

mod certificate;
mod expert;
mod form;
mod guide;
mod home;
mod library;
mod matter;
mod payment;

pub use certificate::{DispositionPage, OwnCertificate, disposition_page, own_certificates_page};
pub use expert::{AssignmentPage, EvaluationPage, assignment_page, evaluation_page, evaluation_points};
pub use form::{FormPage, SubmittedPage, form_page, submitted_page};
pub use guide::{GuidePage, guide_page};
pub use home::{DueRenewal, HomePage, home_page};
pub use library::{LibraryPage, LibraryRecordPage, library_page, library_record_page};
pub use matter::{MatterPage, MatterParties, PrintPage, matter_page, print_page};
pub use payment::{BillsPage, FeePage, FinancePage, PaymentMethods, VoucherCheck, bills_page, fee_page, finance_page};
