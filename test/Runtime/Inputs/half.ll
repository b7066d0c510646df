; What LLVM makes of conversions to and from 16-bit floats. Bits travel as integers, so that the caller needs no such types.

define float @half_to_float(i16 %bits) nounwind {
  %half = bitcast i16 %bits to half
  %float = fpext half %half to float
  ret float %float
}

define zeroext i16 @float_to_half(float %value) nounwind {
  %half = fptrunc float %value to half
  %bits = bitcast half %half to i16
  ret i16 %bits
}

define zeroext i16 @double_to_half(double %value) nounwind {
  %half = fptrunc double %value to half
  %bits = bitcast half %half to i16
  ret i16 %bits
}

define zeroext i16 @float_to_bfloat(float %value) nounwind {
  %bfloat = fptrunc float %value to bfloat
  %bits = bitcast bfloat %bfloat to i16
  ret i16 %bits
}

define zeroext i16 @double_to_bfloat(double %value) nounwind {
  %bfloat = fptrunc double %value to bfloat
  %bits = bitcast bfloat %bfloat to i16
  ret i16 %bits
}
