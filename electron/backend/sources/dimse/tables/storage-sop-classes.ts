// Storage SOP classes (PS3.4 B.5, PS3.6 Table A-1), with those that are retired and still met. Names leave "Storage" out.

export interface StorageSopClass {
  uid: string;
  name: string;
  isRetired: boolean;
}

const ROOT = '1.2.840.10008.';
/** UID below the root, name, and whether retired. */
const ROWS = `
5.1.1.27|Stored Print Storage|retired
5.1.1.29|Hardcopy Grayscale Image Storage|retired
5.1.1.30|Hardcopy Color Image Storage|retired
5.1.4.1.1.1|Computed Radiography Image
5.1.4.1.1.1.1|Digital X-Ray Image, for presentation
5.1.4.1.1.1.1.1|Digital X-Ray Image, for processing
5.1.4.1.1.1.2|Digital Mammography X-Ray Image, for presentation
5.1.4.1.1.1.2.1|Digital Mammography X-Ray Image, for processing
5.1.4.1.1.1.3|Digital Intra-Oral X-Ray Image, for presentation
5.1.4.1.1.1.3.1|Digital Intra-Oral X-Ray Image, for processing
5.1.4.1.1.2|CT Image
5.1.4.1.1.2.1|Enhanced CT Image
5.1.4.1.1.2.2|Legacy Converted Enhanced CT Image
5.1.4.1.1.3|Ultrasound Multi-frame Image|retired
5.1.4.1.1.3.1|Ultrasound Multi-frame Image
5.1.4.1.1.4|MR Image
5.1.4.1.1.4.1|Enhanced MR Image
5.1.4.1.1.4.2|MR Spectroscopy
5.1.4.1.1.4.3|Enhanced MR Color Image
5.1.4.1.1.4.4|Legacy Converted Enhanced MR Image
5.1.4.1.1.5|Nuclear Medicine Image|retired
5.1.4.1.1.6|Ultrasound Image|retired
5.1.4.1.1.6.1|Ultrasound Image
5.1.4.1.1.6.2|Enhanced US Volume
5.1.4.1.1.6.3|Photoacoustic Image
5.1.4.1.1.7|Secondary Capture Image
5.1.4.1.1.7.1|Multi-frame Single Bit Secondary Capture Image
5.1.4.1.1.7.2|Multi-frame Grayscale Byte Secondary Capture Image
5.1.4.1.1.7.3|Multi-frame Grayscale Word Secondary Capture Image
5.1.4.1.1.7.4|Multi-frame True Color Secondary Capture Image
5.1.4.1.1.8|Standalone Overlay|retired
5.1.4.1.1.9|Standalone Curve|retired
5.1.4.1.1.9.1|Waveform Storage (trial)|retired
5.1.4.1.1.9.1.1|12-lead ECG Waveform
5.1.4.1.1.9.1.2|General ECG Waveform
5.1.4.1.1.9.1.3|Ambulatory ECG Waveform
5.1.4.1.1.9.2.1|Hemodynamic Waveform
5.1.4.1.1.9.3.1|Cardiac Electrophysiology Waveform
5.1.4.1.1.9.4.1|Basic Voice Audio Waveform
5.1.4.1.1.9.4.2|General Audio Waveform
5.1.4.1.1.9.5.1|Arterial Pulse Waveform
5.1.4.1.1.9.6.1|Respiratory Waveform
5.1.4.1.1.9.6.2|Multi-channel Respiratory Waveform
5.1.4.1.1.9.7.1|Routine Scalp Electroencephalogram Waveform
5.1.4.1.1.9.7.2|Electromyogram Waveform
5.1.4.1.1.9.7.3|Electrooculogram Waveform
5.1.4.1.1.9.7.4|Sleep Electroencephalogram Waveform
5.1.4.1.1.9.8.1|Body Position Waveform
5.1.4.1.1.9.100.1|Waveform Presentation State
5.1.4.1.1.9.100.2|Waveform Acquisition Presentation State
5.1.4.1.1.10|Standalone Modality LUT|retired
5.1.4.1.1.11|Standalone VOI LUT|retired
5.1.4.1.1.11.1|Grayscale Softcopy Presentation State
5.1.4.1.1.11.2|Color Softcopy Presentation State
5.1.4.1.1.11.3|Pseudo-Color Softcopy Presentation State
5.1.4.1.1.11.4|Blending Softcopy Presentation State
5.1.4.1.1.11.5|XA/XRF Grayscale Softcopy Presentation State
5.1.4.1.1.11.6|Grayscale Planar MPR Volumetric Presentation State
5.1.4.1.1.11.7|Compositing Planar MPR Volumetric Presentation State
5.1.4.1.1.11.8|Advanced Blending Presentation State
5.1.4.1.1.11.9|Volume Rendering Volumetric Presentation State
5.1.4.1.1.11.10|Segmented Volume Rendering Volumetric Presentation State
5.1.4.1.1.11.11|Multiple Volume Rendering Volumetric Presentation State
5.1.4.1.1.11.12|Variable Modality LUT Softcopy Presentation State
5.1.4.1.1.12.1|X-Ray Angiographic Image
5.1.4.1.1.12.1.1|Enhanced XA Image
5.1.4.1.1.12.2|X-Ray Radiofluoroscopic Image
5.1.4.1.1.12.2.1|Enhanced XRF Image
5.1.4.1.1.12.3|X-Ray Angiographic Bi-Plane Image|retired
5.1.4.1.1.13.1.1|X-Ray 3D Angiographic Image
5.1.4.1.1.13.1.2|X-Ray 3D Craniofacial Image
5.1.4.1.1.13.1.3|Breast Tomosynthesis Image
5.1.4.1.1.13.1.4|Breast Projection X-Ray Image, for presentation
5.1.4.1.1.13.1.5|Breast Projection X-Ray Image, for processing
5.1.4.1.1.14.1|Intravascular Optical Coherence Tomography Image, for presentation
5.1.4.1.1.14.2|Intravascular Optical Coherence Tomography Image, for processing
5.1.4.1.1.20|Nuclear Medicine Image
5.1.4.1.1.30|Parametric Map
5.1.4.1.1.66|Raw Data
5.1.4.1.1.66.1|Spatial Registration
5.1.4.1.1.66.2|Spatial Fiducials
5.1.4.1.1.66.3|Deformable Spatial Registration
5.1.4.1.1.66.4|Segmentation
5.1.4.1.1.66.5|Surface Segmentation
5.1.4.1.1.66.6|Tractography Results
5.1.4.1.1.66.7|Label Map Segmentation
5.1.4.1.1.66.8|Height Map Segmentation
5.1.4.1.1.67|Real World Value Mapping
5.1.4.1.1.68.1|Surface Scan Mesh
5.1.4.1.1.68.2|Surface Scan Point Cloud
5.1.4.1.1.77.1|VL Image Storage (trial)|retired
5.1.4.1.1.77.1.1|VL Endoscopic Image
5.1.4.1.1.77.1.1.1|Video Endoscopic Image
5.1.4.1.1.77.1.2|VL Microscopic Image
5.1.4.1.1.77.1.2.1|Video Microscopic Image
5.1.4.1.1.77.1.3|VL Slide-Coordinates Microscopic Image
5.1.4.1.1.77.1.4|VL Photographic Image
5.1.4.1.1.77.1.4.1|Video Photographic Image
5.1.4.1.1.77.1.5.1|Ophthalmic Photography 8 Bit Image
5.1.4.1.1.77.1.5.2|Ophthalmic Photography 16 Bit Image
5.1.4.1.1.77.1.5.3|Stereometric Relationship
5.1.4.1.1.77.1.5.4|Ophthalmic Tomography Image
5.1.4.1.1.77.1.5.5|Wide Field Ophthalmic Photography Stereographic Projection Image
5.1.4.1.1.77.1.5.6|Wide Field Ophthalmic Photography 3D Coordinates Image
5.1.4.1.1.77.1.5.7|Ophthalmic Optical Coherence Tomography En Face Image
5.1.4.1.1.77.1.5.8|Ophthalmic Optical Coherence Tomography B-scan Volume Analysis
5.1.4.1.1.77.1.6|VL Whole Slide Microscopy Image
5.1.4.1.1.77.1.7|Dermoscopic Photography Image
5.1.4.1.1.77.1.8|Confocal Microscopy Image
5.1.4.1.1.77.1.9|Confocal Microscopy Tiled Pyramidal Image
5.1.4.1.1.77.2|VL Multi-frame Image Storage (trial)|retired
5.1.4.1.1.78.1|Lensometry Measurements
5.1.4.1.1.78.2|Autorefraction Measurements
5.1.4.1.1.78.3|Keratometry Measurements
5.1.4.1.1.78.4|Subjective Refraction Measurements
5.1.4.1.1.78.5|Visual Acuity Measurements
5.1.4.1.1.78.6|Spectacle Prescription Report
5.1.4.1.1.78.7|Ophthalmic Axial Measurements
5.1.4.1.1.78.8|Intraocular Lens Calculations
5.1.4.1.1.79.1|Macular Grid Thickness and Volume Report
5.1.4.1.1.80.1|Ophthalmic Visual Field Static Perimetry Measurements
5.1.4.1.1.81.1|Ophthalmic Thickness Map
5.1.4.1.1.82.1|Corneal Topography Map
5.1.4.1.1.88.1|Text SR Storage (trial)|retired
5.1.4.1.1.88.2|Audio SR Storage (trial)|retired
5.1.4.1.1.88.3|Detail SR Storage (trial)|retired
5.1.4.1.1.88.4|Comprehensive SR Storage (trial)|retired
5.1.4.1.1.88.11|Basic Text SR
5.1.4.1.1.88.22|Enhanced SR
5.1.4.1.1.88.33|Comprehensive SR
5.1.4.1.1.88.34|Comprehensive 3D SR
5.1.4.1.1.88.35|Extensible SR
5.1.4.1.1.88.40|Procedure Log
5.1.4.1.1.88.50|Mammography CAD SR
5.1.4.1.1.88.59|Key Object Selection Document
5.1.4.1.1.88.65|Chest CAD SR
5.1.4.1.1.88.67|X-Ray Radiation Dose SR
5.1.4.1.1.88.68|Radiopharmaceutical Radiation Dose SR
5.1.4.1.1.88.69|Colon CAD SR
5.1.4.1.1.88.70|Implantation Plan SR
5.1.4.1.1.88.71|Acquisition Context SR
5.1.4.1.1.88.72|Simplified Adult Echo SR
5.1.4.1.1.88.73|Patient Radiation Dose SR
5.1.4.1.1.88.74|Planned Imaging Agent Administration SR
5.1.4.1.1.88.75|Performed Imaging Agent Administration SR
5.1.4.1.1.88.76|Enhanced X-Ray Radiation Dose SR
5.1.4.1.1.88.77|Waveform Annotation SR
5.1.4.1.1.90.1|Content Assessment Results
5.1.4.1.1.91.1|Microscopy Bulk Simple Annotations
5.1.4.1.1.104.1|Encapsulated PDF
5.1.4.1.1.104.2|Encapsulated CDA
5.1.4.1.1.104.3|Encapsulated STL
5.1.4.1.1.104.4|Encapsulated OBJ
5.1.4.1.1.104.5|Encapsulated MTL
5.1.4.1.1.128|Positron Emission Tomography Image
5.1.4.1.1.128.1|Legacy Converted Enhanced PET Image
5.1.4.1.1.129|Standalone PET Curve|retired
5.1.4.1.1.130|Enhanced PET Image
5.1.4.1.1.131|Basic Structured Display
5.1.4.1.1.200.1|CT Defined Procedure Protocol
5.1.4.1.1.200.2|CT Performed Procedure Protocol
5.1.4.1.1.200.3|Protocol Approval
5.1.4.1.1.200.7|XA Defined Procedure Protocol
5.1.4.1.1.200.8|XA Performed Procedure Protocol
5.1.4.1.1.481.1|RT Image
5.1.4.1.1.481.2|RT Dose
5.1.4.1.1.481.3|RT Structure Set
5.1.4.1.1.481.4|RT Beams Treatment Record
5.1.4.1.1.481.5|RT Plan
5.1.4.1.1.481.6|RT Brachy Treatment Record
5.1.4.1.1.481.7|RT Treatment Summary Record
5.1.4.1.1.481.8|RT Ion Plan
5.1.4.1.1.481.9|RT Ion Beams Treatment Record
5.1.4.1.1.481.10|RT Physician Intent
5.1.4.1.1.481.11|RT Segment Annotation
5.1.4.1.1.481.12|RT Radiation Set
5.1.4.1.1.481.13|C-Arm Photon-Electron Radiation
5.1.4.1.1.481.14|Tomotherapeutic Radiation
5.1.4.1.1.481.15|Robotic-Arm Radiation
5.1.4.1.1.481.16|RT Radiation Record Set
5.1.4.1.1.481.17|RT Radiation Salvage Record
5.1.4.1.1.481.18|Tomotherapeutic Radiation Record
5.1.4.1.1.481.19|C-Arm Photon-Electron Radiation Record
5.1.4.1.1.481.20|Robotic Radiation Record
5.1.4.1.1.481.21|RT Radiation Set Delivery Instruction
5.1.4.1.1.481.22|RT Treatment Preparation
5.1.4.1.1.481.24|RT Patient Position Acquisition Instruction
5.1.4.1.1.501.1|DICOS CT Image
5.1.4.1.1.501.2.1|DICOS Digital X-Ray Image, for presentation
5.1.4.1.1.501.2.2|DICOS Digital X-Ray Image, for processing
5.1.4.1.1.501.3|DICOS Threat Detection Report
5.1.4.1.1.501.4|DICOS 2D AIT
5.1.4.1.1.501.5|DICOS 3D AIT
5.1.4.1.1.501.6|DICOS Quadrupole Resonance (QR)
5.1.4.1.1.601.1|Eddy Current Image
5.1.4.1.1.601.2|Eddy Current Multi-frame Image
5.1.4.34.1|RT Beams Delivery Instruction Storage (trial)|retired
5.1.4.34.7|RT Beams Delivery Instruction
5.1.4.34.10|RT Brachy Application Setup Delivery Instruction
5.1.4.38.1|Hanging Protocol
5.1.4.39.1|Color Palette
5.1.4.43.1|Generic Implant Template
5.1.4.44.1|Implant Assembly Template
5.1.4.45.1|Implant Template Group
`;

export const STORAGE_SOP_CLASSES: readonly StorageSopClass[] = ROWS.trim()
  .split('\n')
  .map((row) => {
    const [uid = '', name = '', retired] = row.split('|');
    return { uid: ROOT + uid, name, isRetired: retired !== undefined };
  });

const NAMES = new Map(STORAGE_SOP_CLASSES.map(({ uid, name }) => [uid, name]));

export const isStorageSopClass = (uid: string): boolean => NAMES.has(uid);
/** Name for people; the UID itself when it is not known. */
export const sopClassName = (uid: string): string => NAMES.get(uid) ?? uid;
